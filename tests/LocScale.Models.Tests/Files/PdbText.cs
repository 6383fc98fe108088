using System.Text;
using LocScale.Models.Atoms;
using LocScale.Models.Files.Pdb;

namespace LocScale.Models.Tests.Files;

/// <summary>Small PDB files made in memory.</summary>
internal static class PdbText
{
    /// <summary>One carbon, so that a file of anything else has an atom that scatters.</summary>
    public const string Carbon =
        "ATOM      9  CB  ALA B   9       1.000   2.000   3.000  1.00 20.00           C  \n";

    public static AtomicModel Read(string text) => PdbReader.Read(Encoding.Latin1.GetBytes(text), "a.pdb");

    /// <summary>An atom line as the format wants it.</summary>
    public static string Atom(
        string serial, string name, string residue, string chain, string number, double x, double y, double z,
        string occupancy = "  1.00", string b = " 20.00", string element = " C", char altLoc = ' ',
        string record = "ATOM  ") => string.Create(
            System.Globalization.CultureInfo.InvariantCulture,
            $"{record}{serial,5} {name,-4}{altLoc}{residue,3}{chain,2}{number,-5}   {x,8:F3}{y,8:F3}{z,8:F3}{occupancy}{b}          {element}  ");
}
