namespace LocScale.Mpi.Example;

/// <summary>
/// The example model: seven ideal helices of alanine and leucine, one in the middle and six around it, neighbours
/// mostly antiparallel, with B-factors that rise and fall smoothly along each chain.
/// </summary>
public static class ExampleModel
{
    private const string Repeat = "LAALAAA";
    private const int ResiduesPerHelix = 24;
    private const double HelixDistanceInAngstrom = 11;

    /// <summary>Turns the leucines of the outer helices away from the middle, where they would clash.</summary>
    private const double OuterTurnInDegrees = -15;

    private const double MeanBFactor = 68;
    private const double BFactorAmplitude = 46;

    /// <summary>
    /// Builds the atoms, in the order of the chains. Coordinates are rounded to 0.001 Å and B-factors to 0.01 Å², as a
    /// PDB file holds them, so that the file and the maps agree.
    /// </summary>
    /// <param name="centre">The middle of the bundle, whose axes lie along z.</param>
    public static IReadOnlyList<ExampleAtom> Build(Point centre)
    {
        string[] sequence =
            [.. Enumerable.Range(0, ResiduesPerHelix).Select(i => Repeat[i % Repeat.Length] == 'L' ? "LEU" : "ALA")];
        IReadOnlyList<(string Name, int Residue, Point Position)> helix = AlphaHelix.Build(sequence);
        return [.. Enumerable.Range(0, 7).SelectMany(chain => helix.Select(atom => MakeAtom(chain, atom, sequence, centre)))];
    }

    private static ExampleAtom MakeAtom(
        int chain, (string Name, int Residue, Point Position) atom, string[] sequence, Point centre)
    {
        double direction = double.DegreesToRadians(60 * chain);
        bool isMiddle = chain == 6;
        bool isDown = chain % 2 == 1;
        Point upright = isDown
            ? new Point(atom.Position.X, -atom.Position.Y, -atom.Position.Z)
            : atom.Position;
        Point turned = TurnAboutZ(upright, isMiddle ? 0 : direction + double.DegreesToRadians(OuterTurnInDegrees));
        Point place = isMiddle
            ? new Point(0, 0, 0)
            : HelixDistanceInAngstrom * new Point(Math.Cos(direction), Math.Sin(direction), 0);
        Point position = centre + place + turned;
        return new ExampleAtom(
            atom.Name,
            sequence[atom.Residue],
            (char)('A' + chain),
            atom.Residue + 1,
            Math.Round(position.X, 3),
            Math.Round(position.Y, 3),
            Math.Round(position.Z, 3),
            Math.Round(BFactor(chain, atom.Residue, atom.Name), 2));
    }

    private static Point TurnAboutZ(Point p, double angle) =>
        new((Math.Cos(angle) * p.X) - (Math.Sin(angle) * p.Y), (Math.Sin(angle) * p.X) + (Math.Cos(angle) * p.Y), p.Z);

    /// <summary>One wave along every chain, each with another phase; side chains move a little more than the backbone.</summary>
    private static double BFactor(int chain, int residue, string atomName)
    {
        double along = residue + atomName switch
        {
            "N" => -0.33,
            "C" or "O" => 0.33,
            _ => 0,
        };
        double sideChain = atomName switch
        {
            "CB" => 2,
            "CG" => 4,
            "CD1" or "CD2" => 5,
            _ => 0,
        };
        double phase = 2 * Math.PI * ((along / ResiduesPerHelix) + (chain / 7.0));
        return MeanBFactor + (BFactorAmplitude * Math.Sin(phase)) + sideChain;
    }
}
