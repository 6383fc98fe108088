using System.Globalization;
using System.Text;

namespace LocScale.Mpi.Example;

/// <summary>Writes the example model as PDB text, version 3.3 of the format.</summary>
public static class PdbText
{
    /// <summary>The whole file: the cell, one ATOM record an atom, a TER record a chain, END.</summary>
    /// <param name="atoms">The atoms, chain by chain.</param>
    /// <param name="cellInAngstrom">Edge of the cubic cell.</param>
    public static string Render(IReadOnlyList<ExampleAtom> atoms, double cellInAngstrom)
    {
        ArgumentNullException.ThrowIfNull(atoms);
        StringBuilder text = new();
        text.Append(
            CultureInfo.InvariantCulture,
            $"CRYST1{cellInAngstrom,9:F3}{cellInAngstrom,9:F3}{cellInAngstrom,9:F3}{90,7:F2}{90,7:F2}{90,7:F2} P 1           1\n");
        int serial = 0;
        for (int i = 0; i < atoms.Count; i++)
        {
            ExampleAtom atom = atoms[i];
            text.Append(
                CultureInfo.InvariantCulture,
                $"ATOM  {++serial,5}  {atom.Name,-3} {atom.ResidueName,3} {atom.Chain}{atom.ResidueNumber,4}    ");
            text.Append(
                CultureInfo.InvariantCulture,
                $"{atom.X,8:F3}{atom.Y,8:F3}{atom.Z,8:F3}{1,6:F2}{atom.BFactor,6:F2}          {atom.Element,2}  \n");
            if (i + 1 == atoms.Count || atoms[i + 1].Chain != atom.Chain)
            {
                text.Append(
                    CultureInfo.InvariantCulture,
                    $"TER   {++serial,5}      {atom.ResidueName,3} {atom.Chain}{atom.ResidueNumber,4}\n");
            }
        }
        return text.Append("END\n").ToString();
    }
}
