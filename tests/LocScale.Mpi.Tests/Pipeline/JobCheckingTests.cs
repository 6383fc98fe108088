using System.Diagnostics;
using LocScale.Maps;
using LocScale.Maps.Files;
using LocScale.Parallel;
using LocScale.Tests;

namespace LocScale.Mpi.Tests.Pipeline;

/// <summary>
/// What can be told without the voxels is told before any work; what the voxels show, as soon as they are read. Each with
/// its true reason, exit code 2, and no file more or less than before.
/// </summary>
public sealed class JobCheckingTests
{
    private const int CellWord = 4 * 10;

    private SmallJob _job = null!;

    [SetUp]
    public void Write_inputs() => _job = new SmallJob();

    [TearDown]
    public void Clean_up() => _job.Dispose();

    [Test]
    [Category("Long")]
    public void Good_jobs_are_done()
    {
        Assert.That(SmallJob.Succeed([.. _job.Single, "-o", _job.File("single.mrc")]).Error, Does.Not.Contain("correlate"));
        SmallJob.Succeed([.. _job.Halves, "-o", _job.File("halves.mrc")]);
    }

    [Test]
    [Category("Long")]
    public void A_second_run_of_the_same_output_is_refused_while_the_first_one_runs()
    {
        string[] job = [.. _job.Single, "-o", _job.File("out.mrc")];
        using (AtomicFileSet first = new())
        {
            first.Claim(_job.File("out"));
            foreach (string name in (string[])["out.mrc", "out.mrc.gz"])
            {
                ProgramRun second = SmallJob.Run([.. job[..^1], _job.File(name)]);
                Assert.That(second.ExitCode, Is.EqualTo(2), second.ToString());
                Assert.That(second.Error, Does.Contain("Another run is writing files whose names begin with").And.Contain("another name with -o"));
            }
            Assert.That(_job.Names, Has.None.EndsWith(".gz").And.None.StartsWith("out.mrc"));
            SmallJob.Succeed([.. job[..^1], _job.File("other.mrc")]);
        }
        SmallJob.Succeed(job);
    }

    [Test]
    public void A_model_map_that_is_the_map_itself_is_refused()
    {
        _job.Write("scaled.mrc", [.. _job.Values("half2.mrc").Select(value => (3 * value) - 1)]);
        string[] output = ["-o", _job.File("out.mrc")];
        _job.Refuse("model map " + _job.File("map.mrc") + " holds the same as", ["-em", _job.File("map.mrc"), "-mm", _job.File("map.mrc"), "-res", "4", .. output], "Loading maps");
        _job.Refuse(
            "holds the same as " + _job.File("half2.mrc"),
            [.. _job.Halves.Select(word => word == _job.File("model.mrc") ? _job.File("scaled.mrc") : word), .. output], "Loading maps");
    }

    [Test]
    public void An_offset_is_taken_off_and_named()
    {
        _job.Write("offset.mrc", [.. _job.Values("map.mrc").Select(value => value + 64)]);
        SmallJob.Succeed([.. _job.Single, "-o", _job.File("plain.mrc")]);
        string[] job = [.. _job.Single.Select(word => word == _job.File("map.mrc") ? _job.File("offset.mrc") : word)];
        string said = SmallJob.Succeed([.. job, "-o", _job.File("out.mrc")]).Error;
        Assert.That(said, Does.Match("The solvent of .*offset.mrc lies at 6[0-9.]+, [0-9.]+ standard deviations from 0: that offset is taken off."));
        float[] plain = _job.Values("plain.mrc"), offset = _job.Values("out.mrc");
        float largest = plain.Max();
        // A voxel of 64 is rounded to 4e-6, which sharpening makes more; and the level of the plain map is not quite 0.
        Assert.That(plain.Zip(offset, (a, b) => Math.Abs(a - b)).Max() / largest, Is.LessThan(1e-3));
    }

    [TestCase("missing.mrc", "does not exist")]
    [TestCase("", "is a folder; give a map file")]
    [TestCase("empty", "it has 0 bytes")]
    [TestCase("model.pdb", "is not an MRC/CCP4 map")]
    [TestCase("truncated.mrc", "is truncated")]
    [TestCase("huge.mrc", "no more than 2³¹ can be read")]
    public void Map_that_cannot_be_opened_is_refused(string name, string reason)
    {
        _job.Write("empty", "");
        _job.Write("truncated.mrc", File.ReadAllBytes(_job.File("map.mrc"))[..^8]);
        _job.Patch("huge.mrc", "map.mrc", 0, [0xff, 0xff, 0xff, 0x7f, 0xff, 0xff, 0xff, 0x7f, 0xff, 0xff, 0xff, 0x7f]);
        string[] output = ["-o", _job.File("out.mrc")];
        _job.Refuse(reason, ["-em", _job.File(name), .. _job.Single[2..], .. output]);
        _job.Refuse(reason, ["-hm", _job.File("half1.mrc"), _job.File(name), .. _job.Halves[3..], .. output]);
        _job.Refuse(reason, [.. _job.Halves[..3], "-mm", _job.File(name), .. output]);
        _job.Refuse(reason, [.. _job.Halves[..5], "-ma", _job.File(name), .. output]);
    }

    [TestCase("missing.pdb", "does not exist")]
    [TestCase("", "is a folder; give a PDB or mmCIF file")]
    [TestCase("empty.pdb", "is empty")]
    [TestCase("map.mrc", "is binary")]
    [TestCase("none.pdb", "holds no atoms")]
    [TestCase("unknown.pdb", "has a known element")]
    [TestCase("unoccupied.pdb", "has no atoms that scatter")]
    [TestCase("elsewhere.pdb", "they miss each other by (1000.0, 1000.0, 1000.0) Å")]
    public void Model_that_cannot_be_used_is_refused_before_the_maps_are_read(string name, string reason)
    {
        _job.Write("empty.pdb", "");
        _job.Write("none.pdb", "HEADER    NOTHING\nEND\n");
        _job.Write("unknown.pdb", SmallJob.Pdb(_job.Atoms, "XX"));
        _job.Write("unoccupied.pdb", SmallJob.Pdb(_job.Atoms, occupancy: 0));
        double edge = SmallJob.VoxelSize;
        (double X, double Y, double Z) far = (
            (SmallJob.Size.NX * edge) + 1000 - _job.Atoms.Min(a => a.X), (SmallJob.Size.NY * edge) + 1000 - _job.Atoms.Min(a => a.Y), (SmallJob.Size.NZ * edge) + 1000 - _job.Atoms.Min(a => a.Z));
        _job.Write("elsewhere.pdb", SmallJob.Pdb(_job.Atoms.Select(a => (a.X + far.X, a.Y + far.Y, a.Z + far.Z))));
        string[] job = ["-em", _job.File("map.mrc"), "-mc", _job.File(name), "-ma", _job.File("mask.mrc"), "-o", _job.File("out.mrc")];
        _job.Refuse(reason, job, "Reading the model");
        _job.Refuse(reason, [.. job, "--skip_refine"], "Reading the model");
    }

    [Test]
    [Category("Long")]
    public void Named_pipe_is_refused_and_not_waited_for()
    {
        using (Process mkfifo = Process.Start("mkfifo", _job.File("pipe")))
            mkfifo.WaitForExit();
        Refuse("is a pipe or device; give a", ["-em", _job.File("pipe"), .. _job.Single[2..]]);
        Refuse("is a pipe that nobody writes to; give a", ["-em", _job.File("map.mrc"), "-mc", _job.File("pipe")]);
        Refuse("is a pipe or device; give a", [.. _job.Halves[..5], "-ma", _job.File("pipe")]);

        void Refuse(string reason, string[] job)
        {
            ProgramRun run = SmallJob.Run([.. job, "-o", _job.File("out.mrc")]);
            Assert.That(run.ExitCode, Is.EqualTo(2), run.ToString());
            Assert.That(run.Error, Does.Contain(reason));
        }
    }

    [Test]
    public void Half_maps_that_differ_are_refused_before_either_is_read()
    {
        GridSize other = new(26, 28, 22);
        _job.Write("other.mrc", new float[other.Count].Select((_, i) => (float)i).ToArray(), other);
        Refuse("The maps differ in size", "other.mrc");
        _job.Write("finer.mrc", _job.Values("half2.mrc"), null, MapFrame.AtOrigin(SmallJob.Size, 1.7));
        Refuse("The maps differ in voxel size", "finer.mrc");
        _job.Write("moved.mrc", _job.Values("half2.mrc"), null, MapFrame.AtOrigin(SmallJob.Size, SmallJob.VoxelSize) with { OriginX = 20 });
        Refuse("The maps differ in origin", "moved.mrc");
        File.CreateSymbolicLink(_job.File("link.mrc"), "half1.mrc");
        Refuse("are the same file", "link.mrc");

        void Refuse(string reason, string second) =>
            _job.Refuse(reason, ["-hm", _job.File("half1.mrc"), _job.File(second), .. _job.Halves[3..], "-o", _job.File("out.mrc")]);
    }

    [Test]
    public void Half_maps_of_the_same_content_are_refused()
    {
        File.Copy(_job.File("half1.mrc"), _job.File("copy.mrc"));
        _job.Refuse(
            "hold the same values", ["-hm", _job.File("half1.mrc"), _job.File("copy.mrc"), .. _job.Halves[3..], "-o", _job.File("out.mrc")],
            "Loading maps");
    }

    [Test]
    public void Half_map_that_is_the_negative_of_the_other_is_refused()
    {
        _job.Write("negative.mrc", [.. _job.Values("half1.mrc").Select(v => -v)]);
        _job.Refuse(
            "is inverted", ["-hm", _job.File("half1.mrc"), _job.File("negative.mrc"), .. _job.Halves[3..], "-o", _job.File("out.mrc")],
            "Loading maps");
    }

    [Test]
    public void Mask_or_model_map_of_another_size_is_refused()
    {
        GridSize other = new(26, 28, 22);
        _job.Write("other.mrc", new float[other.Count].Select((_, i) => (float)i).ToArray(), other);
        _job.Refuse("The maps differ in size", [.. _job.Halves[..3], "-mm", _job.File("other.mrc"), "-o", _job.File("out.mrc")]);
        _job.Refuse("The maps differ in size", [.. _job.Halves[..5], "-ma", _job.File("other.mrc"), "-o", _job.File("out.mrc")]);
    }

    [Test]
    public void Mask_in_another_frame_is_warned_of()
    {
        _job.Write("moved.mrc", _job.Values("mask.mrc"), null, MapFrame.AtOrigin(SmallJob.Size, SmallJob.VoxelSize) with { OriginX = 20 });
        ProgramRun run = SmallJob.Succeed([.. _job.Single[..5], "-ma", _job.File("moved.mrc"), "-res", "4", "-o", _job.File("out.mrc")]);
        Assert.That(run.Error, Does.Contain("Warning: The maps differ in origin").And.Contain("taken voxel by voxel"));
    }

    [TestCase(0f, "holds nothing but zeros")]
    [TestCase(-0.25f, "holds nothing but the one value -0.25")]
    public void Map_without_density_is_refused(float value, string reason)
    {
        float[] values = new float[SmallJob.Size.Count];
        Array.Fill(values, value);
        _job.Write("constant.mrc", values);
        string[] output = ["-o", _job.File("out.mrc")];
        _job.Refuse(reason, ["-em", _job.File("constant.mrc"), .. _job.Single[2..], .. output], "Reading the model", "Loading maps");
        _job.Refuse(reason, ["-hm", _job.File("half1.mrc"), _job.File("constant.mrc"), .. _job.Halves[3..], .. output], "Loading maps");
        _job.Refuse(reason, [.. _job.Halves[..3], "-mm", _job.File("constant.mrc"), "-ma", _job.File("mask.mrc"), .. output], "Loading maps");
    }

    [Test]
    public void Mask_without_a_voxel_is_refused()
    {
        _job.Write("empty.mrc", new float[SmallJob.Size.Count]);
        _job.Refuse("has no voxel of 0.5 or more", [.. _job.Halves[..5], "-ma", _job.File("empty.mrc"), "-o", _job.File("out.mrc")], "Loading maps");
    }

    [TestCase(float.NaN, "no number, NaN")]
    [TestCase(float.PositiveInfinity, "is infinite")]
    [TestCase(-46.8f, "is negative, -46.8 Å")]
    [TestCase(0f, "its cell or sampling is zero")]
    [Category("Long")]
    public void Senseless_voxel_size_is_refused_for_its_true_reason_and_can_be_given(float cell, string reason)
    {
        _job.Patch("strange.mrc", "map.mrc", CellWord, BitConverter.GetBytes(cell));
        string[] job = ["-em", _job.File("strange.mrc"), .. _job.Single[2..], "-o", _job.File("out.mrc")];
        _job.Refuse(reason, job);
        SmallJob.Succeed([.. job, "-p", "1.8"]);
    }

    [Test]
    public void Values_that_are_no_numbers_are_refused()
    {
        _job.Patch("nan.mrc", "map.mrc", 1024 + 400, BitConverter.GetBytes(float.NaN));
        _job.Refuse("are not numbers", ["-em", _job.File("nan.mrc"), .. _job.Single[2..], "-o", _job.File("out.mrc")], "Reading the model", "Loading maps");
    }

    [TestCase("30", "A window of 30 voxels (54 Å) does not fit into")]
    [TestCase("29", "A window of 30 voxels")]
    [TestCase("1000000", "cannot be used")]
    public void Window_that_does_not_fit_is_refused(string window, string reason) =>
        _job.Refuse(reason, [.. _job.Single, "-wn", window, "-o", _job.File("out.mrc")]);

    // The box is 26 × 28 × 24.
    [TestCase("4", 4, false)]
    [TestCase("23", 24, false)]
    [TestCase("24", 24, false)]
    [TestCase("25", 26, true)]
    [TestCase("28", 28, true)]
    [Category("Long")]
    public void Window_that_fits_is_used_and_one_that_fits_along_some_axes_warned_of(string given, int used, bool isWarnedOf)
    {
        ProgramRun run = SmallJob.Succeed([.. _job.Single, "-v", "-wn", given, "-o", _job.File("out.mrc")]);
        Assert.That(run.Output, Does.Contain($"Windows of {used} voxels"));
        Assert.That(run.Error.Contains($"Warning: Windows of {used} voxels are longer than the shortest edge", StringComparison.Ordinal), Is.EqualTo(isWarnedOf));
    }

    [Test]
    public void Box_smaller_than_the_window_is_refused()
    {
        GridSize tiny = new(3, 3, 3);
        float[] values = [.. Enumerable.Range(0, 27).Select(i => (float)i)];
        _job.Write("tiny.mrc", values, tiny);
        _job.Refuse("does not fit into", ["-em", _job.File("tiny.mrc"), "-mm", _job.File("tiny.mrc"), "-ma", _job.File("tiny.mrc"), "-o", _job.File("out.mrc")]);
    }

    [TestCase("-mres 60", "A filter at 60 Å leaves nothing of a box that is 50.4 Å long: give a resolution in Å with -mres.")]
    [TestCase("-fdr_f 60", "give a resolution in Å with -fdr_f.")]
    [TestCase("-fdr_w 27", "Noise cubes of 27 voxels do not fit into")]
    [TestCase("-avg_filter 29", "Cubes of 29 voxels do not fit into")]
    [TestCase("-res 60", "A resolution of 60 Å is coarser than the box is long")]
    [TestCase("-res 3", "A resolution of 3 Å is finer than voxels of 1.8 Å can show")]
    public void Filter_that_leaves_nothing_or_does_not_fit_is_refused(string flags, string reason) =>
        _job.Refuse(reason, [.. _job.Halves[..5], .. flags.Split(' '), "-o", _job.File("out.mrc")]);

    [Test]
    public void Helix_with_a_model_map_is_refused() => _job.Refuse(
        "A model map cannot be given helical symmetry", [.. _job.Halves, "--helical_rise", "10", "--helical_twist", "30", "-o", _job.File("out.mrc")]);

    [Test]
    public void Inverted_contrast_is_refused_as_that()
    {
        foreach (string name in new[] { "map", "half1", "half2" })
            _job.Write($"inverted_{name}.mrc", [.. _job.Values($"{name}.mrc").Select(v => 0.5f - v)]);
        string[] begun = ["Reading the model", "Loading maps", "Taking spectra", "Comparing map and model"];
        string[] output = ["-o", _job.File("out.mrc")];
        _job.Refuse("is inverted", ["-em", _job.File("inverted_map.mrc"), "-mc", _job.File("model.pdb"), .. output], begun);
        _job.Refuse("is inverted", ["-hm", _job.File("inverted_half1.mrc"), _job.File("inverted_half2.mrc"), .. _job.Halves[3..], .. output], begun);
    }

    [Test]
    [Category("Long")]
    public void One_atom_tells_nothing_of_the_contrast()
    {
        // Beside the particle the density falls where that of the atom does, and the other way round.
        foreach (double shift in new[] { -6.0, -3, 0, 3, 6 })
        {
            _job.Write("atom.pdb", SmallJob.Pdb([(_job.Atoms[0].X + shift, _job.Atoms[0].Y, _job.Atoms[0].Z)]));
            SmallJob.Succeed(["-em", _job.File("map.mrc"), "-mc", _job.File("atom.pdb"), .. _job.Single[4..], "-o", _job.File("out.mrc")]);
        }
    }

    [Test]
    [Category("Long")]
    public void Map_that_is_cut_off_is_told_as_that_and_not_as_one_that_does_not_fit()
    {
        DensityMap map = MrcReader.Read(SharedData.Path("data/vp6/map.mrc"));
        float[] cut = LowPassFilter.Apply(map.Values, map.Size, map.Frame.VoxelSize, 18, 2);
        string[] job = ["-em", _job.Write("cut.mrc", cut, map.Size, map.Frame), "-mc", SharedData.Path("data/vp6/model.pdb"), "-wn", "8", "-o", _job.File("out.mrc")];
        string sentence = _job.Refuse("shows nothing finer than 1", job, "Reading the model", "Loading maps", "Taking spectra", "Comparing map and model");
        Assert.That(sentence, Does.Contain("no B-factors can be refined").And.Contain("--skip_refine"));

        float[] everything = new float[map.Size.Count];
        Array.Fill(everything, 1);
        ProgramRun run = SmallJob.Succeed([.. job, "--skip_refine", "-ma", _job.Write("all.mrc", everything, map.Size, map.Frame)]);
        Assert.That(run.Error, Does.Match("Warning: .*cut.mrc shows nothing finer than 1[5-9].* Å, where the map agrees with").And.Not.Contain("other hand"));
    }

    [Test]
    [Category("Long")]
    public void Model_elsewhere_in_the_box_is_warned_of()
    {
        _job.Write("moved.pdb", SmallJob.Pdb(_job.Atoms.Select(a => (a.X - 14, a.Y - 14, a.Z))));
        ProgramRun run = SmallJob.Succeed(["-em", _job.File("map.mrc"), "-mc", _job.File("moved.pdb"), .. _job.Single[4..], "-o", _job.File("out.mrc")]);
        Assert.That(run.Error, Does.Match("does not lie where it fits into|may be in another frame"));
    }

    [Test]
    public void Negative_B_factor_is_told_once_and_taken_as_0()
    {
        _job.Write("negative.pdb", SmallJob.Pdb(_job.Atoms, bFactor: -5));
        _job.Write("zero.pdb", SmallJob.Pdb(_job.Atoms, bFactor: 0));
        ProgramRun run = SmallJob.Succeed(["-em", _job.File("map.mrc"), "-mc", _job.File("negative.pdb"), .. _job.Single[4..], "-o", _job.File("negative.mrc")]);
        string[] told = [.. run.Error.Split('\n').Where(line => line.Contains("B-factor", StringComparison.Ordinal))];
        Assert.That(told, Is.EqualTo([$"Warning: {_job.File("negative.pdb")} has 120 atoms with a negative B-factor, taken as 0."]));
        SmallJob.Succeed(["-em", _job.File("map.mrc"), "-mc", _job.File("zero.pdb"), .. _job.Single[4..], "-o", _job.File("zero.mrc")]);
        Assert.That(_job.Values("negative.mrc"), Is.EqualTo(_job.Values("zero.mrc")));
    }

    [Test]
    public void Repaired_file_is_warned_of()
    {
        const int stampWord = 4 * 53;
        _job.Patch("stamp.mrc", "map.mrc", stampWord, 0x11, 0x11);
        _job.Write("longer.mrc", [.. File.ReadAllBytes(_job.File("mask.mrc")), 1, 2, 3]);
        string[] job = ["-em", _job.File("stamp.mrc"), .. _job.Single[2..5], "-ma", _job.File("longer.mrc"), "-res", "4", "-o", _job.File("out.mrc")];
        Assert.That(
            SmallJob.Succeed(job).Error,
            Does.Contain("Warning: The machine stamp of").And.Contain($"Warning: The map {_job.File("longer.mrc")} has 3 bytes more"));
    }
}
