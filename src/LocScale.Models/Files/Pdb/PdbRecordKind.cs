namespace LocScale.Models.Files.Pdb;

/// <summary>The records of a PDB file that matter to its first model.</summary>
internal enum PdbRecordKind
{
    /// <summary>ATOM or HETATM.</summary>
    Atom,

    /// <summary>ANISOU of the atom before it.</summary>
    Anisou,

    /// <summary>CRYST1.</summary>
    Cell,

    /// <summary>TER: the residue before it ends.</summary>
    ChainEnd,
}
