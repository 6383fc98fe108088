using System.Diagnostics;
using LocScale.Parallel;
using LocScale.Tests;

namespace LocScale.EndToEnd.Tests;

/// <summary>The programs that start this one: Scipion, by calls made for LocScale, and RELION, by its External job.</summary>
[TestFixture]
public sealed class OtherProgramsTests
{
    private static readonly string Root = Path.GetFullPath(Path.Combine(LocScaleMpi.Program, "../../../../../.."));

    private LocScaleMpi _program = null!;

    [OneTimeSetUp]
    public void Write_inputs()
    {
        _program = new LocScaleMpi();
        Directory.CreateDirectory(_program.File("bin"));
        File.CreateSymbolicLink(_program.File("bin/locscale"), LocScaleMpi.Program);
        File.CreateSymbolicLink(_program.File("bin/locscale-mpi"), LocScaleMpi.Program);
        File.Copy(Path.Combine(Root, "scripts/relion-external"), _program.File("bin/relion-external"));
        new TestMaps(new GridSize(24, 24, 24), 2, seed: 4).WriteTo(_program);
        LocScaleMpi.Succeed("example", _program.File("Refine3D"));
        File.Move(_program.File("Refine3D/half1.mrc"), _program.File("Refine3D/run_half1_class001_unfil.mrc"));
        File.Move(_program.File("Refine3D/half2.mrc"), _program.File("Refine3D/run_half2_class001_unfil.mrc"));
    }

    [OneTimeTearDown]
    public void Clean_up() => _program.Dispose();

    [TestCase("locscale  --outfile X_scaled.mrc --verbose --emmap_path map.mrc --apix 2 --ref_resolution 6 --model_map model.mrc --mask mask.mrc")]
    [TestCase("locscale  --outfile X_scaled.mrc --verbose --emmap_path map.mrc --apix 2 --ref_resolution 6 --gpu_ids 0 --mask mask.mrc --number_processes 2")]
    [TestCase("locscale run_locscale --outfile X_scaled.mrc --verbose --halfmap_paths Refine3D/run_half1_class001_unfil.mrc Refine3D/run_half2_class001_unfil.mrc --apix 1 --ref_resolution 3 --model_coordinates Refine3D/model.pdb --complete_model --mask Refine3D/mask.mrc --skip_refine", Category = "Long")]
    [TestCase("mpirun.openmpi --oversubscribe -np 2 locscale  --outfile X_scaled.mrc --verbose --emmap_path map.mrc --apix 2 --ref_resolution 6 --model_map model.mrc --mask mask.mrc --mpi", Category = "Mpirun")]
    [Category("Long")]
    public void Calls_of_Scipion_run_as_they_are(string call)
    {
        if (call.StartsWith("mpirun", StringComparison.Ordinal))
            ProgramRun.RequireLauncher("openmpi");
        File.Delete(_program.File("X_scaled.mrc"));
        ProgramRun run = Shell(call);
        Assert.That(run.ExitCode, Is.Zero, run.ToString());
        Assert.That(_program.Exists("X_scaled.mrc"));
    }

    [Test]
    [Category("Long")]
    public void Job_of_RELION_finds_the_other_half_map_and_tells_RELION_of_its_output()
    {
        // As RELION puts it together: a label without a value, and the folder with a slash.
        ProgramRun run = Shell(
            "relion-external --in_3dref Refine3D/run_half2_class001_unfil.mrc --in_mask Refine3D/mask.mrc"
            + " --o External/job007/ --model_coordinates Refine3D/model.pdb --ref_resolution 3 --skip_refine  --j 2");
        Assert.That(run.ExitCode, Is.Zero, run.ToString());
        Assert.That(_program.Exists("External/job007/RELION_JOB_EXIT_SUCCESS"));
        Assert.That(File.ReadAllText(_program.File("External/job007/RELION_OUTPUT_NODES.star")), Is.EqualTo(
            "\ndata_output_nodes\n\nloop_\n_rlnPipeLineNodeName #1\n_rlnPipeLineNodeType #2\n_rlnPipeLineNodeTypeLabel #3\n"
            + "External/job007/locscale.mrc 11 DensityMap.mrc\n\n"));
        string curve = File.ReadAllText(_program.File("External/job007/locscale_fsc.star"));
        Assert.That(curve, Does.Match(@"_rlnUnfilteredMapHalf1 +Refine3D/run_half2_class001_unfil\.mrc\n_rlnUnfilteredMapHalf2 +Refine3D/run_half1_class001_unfil\.mrc\n_rlnMaskName +Refine3D/mask\.mrc\n"));
        Assert.That(_program.Read("External/job007/locscale.mrc").Values, Has.Some.Not.Zero);
    }

    [TestCase("--in_3dref map.mrc", "The name of map.mrc tells no half map")]
    [TestCase("--in_3dref my_half1.mrc", "The other half map my_half2.mrc does not exist")]
    [TestCase("--in_mask mask.mrc", "No map is given")]
    [TestCase("--in_3dref map.mrc --half2 model.mrc --window_size 3", "--window_size needs a whole number of 4 or more")]
    [Category("Long")]
    public void Job_of_RELION_that_fails_tells_so(string arguments, string sentence)
    {
        _program.EmptyFolder("External/job008");
        ProgramRun run = Shell($"relion-external {arguments} --o External/job008/ --j 1");
        Assert.That(run.ExitCode, Is.EqualTo(2), run.ToString());
        Assert.That(run.Error, Does.Contain(sentence));
        Assert.That(_program.Exists("External/job008/RELION_JOB_EXIT_FAILURE"));
        Assert.That(_program.Exists("External/job008/RELION_JOB_EXIT_SUCCESS"), Is.False);
        Assert.That(_program.Exists("External/job008/RELION_OUTPUT_NODES.star"), Is.False);
    }

    [Test]
    public void Job_of_RELION_stops_when_RELION_asks_it_to()
    {
        string folder = _program.EmptyFolder("External/job009");
        Process job = ProgramRun.Start("bash", ["-c", Command("relion-external --in_3dref Refine3D/run_half1_class001_unfil.mrc --o External/job009/ --j 1")], []);
        File.WriteAllText(Path.Combine(folder, "RELION_JOB_ABORT_NOW"), "");
        ProgramRun run = ProgramRun.Finish(job);
        Assert.That(run.ExitCode, Is.EqualTo(1), run.ToString());
        Assert.That(
            Directory.GetFileSystemEntries(folder).Select(Path.GetFileName).Where(name => name != "locscale_checkpoint"),
            Is.EquivalentTo(["RELION_JOB_EXIT_ABORTED"]));
    }

    private ProgramRun Shell(string command) => ProgramRun.Alone("bash", ["-c", Command(command)]);

    private string Command(string command) => $"cd '{_program.Folder}' && export PATH=\"$PWD/bin:$PATH\" && {command}";
}
