using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using LocScale.Maps;
using LocScale.Maps.Files;
using LocScale.Parallel;
using LocScale.Tests;

namespace LocScale.Mpi.Tests.Pipeline;

/// <summary>
/// A small particle, its maps and its model in a folder of their own, and the whole program run on them in this process:
/// what it says, its exit code and what it leaves behind.
/// </summary>
internal sealed class SmallJob : IDisposable
{
    public const double VoxelSize = 1.8;

    public static readonly GridSize Size = new(26, 28, 24);

    private readonly TemporaryFolder _folder = new();

    public SmallJob()
    {
        Random random = new(8);
        Atoms = [.. Enumerable.Range(0, 120).Select(_ => Within(random))];
        float[] density = Density(Atoms);
        float[] noise = [.. density.Select(_ => 0.4f * (random.NextSingle() + random.NextSingle() + random.NextSingle() - 1.5f))];
        float[] mask = [.. Density(Atoms).Select(value => value > 0.3f ? 1f : 0f)];
        Write("map.mrc", density);
        Write("half1.mrc", [.. density.Zip(noise, (d, n) => d + n)]);
        Write("half2.mrc", [.. density.Zip(noise, (d, n) => d - n)]);
        // Another fall-off than that of the map, which would be no reference for itself.
        Write("model.mrc", [.. density.Select(value => value * value)]);
        Write("mask.mrc", mask);
        Write("model.pdb", Pdb(Atoms));
    }

    /// <summary>The positions of the atoms, Å.</summary>
    public (double X, double Y, double Z)[] Atoms { get; }

    /// <summary>The arguments of a job on the single map that neither refines nor needs a confidence mask.</summary>
    public string[] Single => ["-em", File("map.mrc"), "-mc", File("model.pdb"), "--skip_refine", "-ma", File("mask.mrc"), "-res", "4"];

    /// <summary>The arguments of a job on half maps.</summary>
    public string[] Halves => ["-hm", File("half1.mrc"), File("half2.mrc"), "-mm", File("model.mrc"), "-ma", File("mask.mrc")];

    /// <summary>The names of what is in the folder, and of what is in folders in it.</summary>
    public string[] Names => [.. Directory.EnumerateFileSystemEntries(File(""), "*", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(File(""), path)).Order(StringComparer.Ordinal)];

    public string File(string name) => _folder.File(name);

    public string Write(string name, byte[] content) => _folder.Write(name, content);

    public string Write(string name, string content) => _folder.Write(name, content);

    public string Write(string name, float[] values, GridSize? size = null, MapFrame? frame = null)
    {
        GridSize grid = size ?? Size;
        MrcWriter.Write(File(name), new DensityMap(grid, frame ?? MapFrame.AtOrigin(grid, VoxelSize), values), "made by a test");
        return File(name);
    }

    /// <summary>The file with some of its bytes changed.</summary>
    public string Patch(string name, string source, int place, params byte[] bytes)
    {
        byte[] content = System.IO.File.ReadAllBytes(File(source));
        bytes.CopyTo(content, place);
        return Write(name, content);
    }

    public float[] Values(string name) => MrcReader.Read(File(name)).Values;

    /// <summary>All files, each with the hash of its bytes.</summary>
    public Dictionary<string, string> State() => Names.Where(name => System.IO.File.Exists(File(name))).ToDictionary(
        name => name, name => Convert.ToHexString(SHA256.HashData(System.IO.File.ReadAllBytes(File(name)))));

    /// <summary>Runs the program.</summary>
    public static ProgramRun Run(params string[] arguments)
    {
        TextWriter output = Console.Out, error = Console.Error;
        using StringWriter said = new(CultureInfo.InvariantCulture), complained = new(CultureInfo.InvariantCulture);
        Console.SetOut(said);
        Console.SetError(complained);
        try
        {
            int exitCode = Program.Main(arguments);
            return new ProgramRun(exitCode, said.ToString(), complained.ToString());
        }
        finally
        {
            Console.SetOut(output);
            Console.SetError(error);
        }
    }

    /// <summary>Runs the program, which must do its job.</summary>
    public static ProgramRun Succeed(params string[] arguments)
    {
        ProgramRun run = Run(arguments);
        Assert.That(run.ExitCode, Is.Zero, run.ToString());
        return run;
    }

    /// <summary>
    /// Runs the program, which must refuse the job: one sentence, exit code 2, nothing left behind but summary and log and nothing
    /// changed, and no stage begun unless the caller says which ones may have.
    /// </summary>
    public string Refuse(string expected, string[] arguments, params string[] stages)
    {
        Dictionary<string, string> before = State();
        string[] names = Names;
        ProgramRun run = Run([.. arguments, "-v"]);
        Assert.That(run.ExitCode, Is.EqualTo(2), run.ToString());
        string[] sentences = [.. run.Error.TrimEnd().Split('\n').Where(line => !line.StartsWith("Warning: ", StringComparison.Ordinal))];
        Assert.That(sentences, Has.Length.EqualTo(1), run.ToString());
        Assert.That(sentences[0], Does.StartWith("locscale-mpi: ").And.EndWith(".").And.Contain(expected));
        foreach (string told in Names.Except(names).Where(name => name.EndsWith("_summary.json", StringComparison.Ordinal) || name.EndsWith(".log", StringComparison.Ordinal)))
            System.IO.File.Delete(File(told));
        Assert.That(Names, Is.EqualTo(names), "what lies in the folder");
        Assert.That(State(), Is.EqualTo(before), "the files of the folder");
        string[] begun = [.. run.Output.Split('\n').Where(line => line.EndsWith(" ...", StringComparison.Ordinal)).Select(line => line[..^4])];
        Assert.That(begun, Is.SubsetOf([.. stages, "Checking the job"]), "the stages that were begun");
        return sentences[0];
    }

    /// <summary>A PDB file with a carbon atom at each position.</summary>
    public static string Pdb(
        IEnumerable<(double X, double Y, double Z)> atoms, string element = "C", double occupancy = 1, double bFactor = 40)
    {
        StringBuilder text = new();
        int serial = 0;
        foreach ((double x, double y, double z) in atoms)
        {
            serial++;
            text.Append(
                CultureInfo.InvariantCulture,
                $"ATOM  {serial,5} {element.PadLeft(2)}A  ALA A{serial,4}    {x,8:0.000}{y,8:0.000}{z,8:0.000}{occupancy,6:0.00}{bFactor,6:0.00}          {element,2}\n");
        }
        return text.Append("END\n").ToString();
    }

    public void Dispose() => _folder.Dispose();

    private static (double, double, double) Within(Random random)
    {
        return (Along(Size.NX), Along(Size.NY), Along(Size.NZ));

        double Along(int edge) => VoxelSize * edge * (0.3 + (0.4 * random.NextDouble()));
    }

    /// <summary>Every atom a Gaussian of 1.4 Å.</summary>
    private static float[] Density((double X, double Y, double Z)[] atoms)
    {
        const double width = 1.4;
        float[] density = new float[Size.Count];
        for (int z = 0; z < Size.NZ; z++)
        {
            for (int y = 0; y < Size.NY; y++)
            {
                for (int x = 0; x < Size.NX; x++)
                {
                    density[Size.Index(x, y, z)] = (float)atoms.Sum(atom => Math.Exp(
                        -(Squared((x * VoxelSize) - atom.X) + Squared((y * VoxelSize) - atom.Y) + Squared((z * VoxelSize) - atom.Z)) / (2 * width * width)));
                }
            }
        }
        return density;

        static double Squared(double value) => value * value;
    }
}
