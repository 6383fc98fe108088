namespace LocScale.Mpi.Example;

/// <summary>An atom of the example model.</summary>
/// <param name="Name">Name in the residue, for example <c>CA</c>.</param>
/// <param name="ResidueName">Three-letter code of the residue.</param>
/// <param name="Chain">Letter of the chain.</param>
/// <param name="ResidueNumber">Number of the residue in the chain, from 1.</param>
/// <param name="X">Position along x, Å.</param>
/// <param name="Y">Position along y, Å.</param>
/// <param name="Z">Position along z, Å.</param>
/// <param name="BFactor">Isotropic B-factor, Å².</param>
public sealed record ExampleAtom(
    string Name,
    string ResidueName,
    char Chain,
    int ResidueNumber,
    double X,
    double Y,
    double Z,
    double BFactor)
{
    /// <summary>The element, C, N or O; the names of these atoms begin with it.</summary>
    public char Element => Name[0];
}
