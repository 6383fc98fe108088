namespace LocScale.Models.Files.Cif;

/// <summary>A CIF file: its data blocks in order.</summary>
public sealed record CifDocument(IReadOnlyList<CifBlock> Blocks);
