using LocScale.Tests;

namespace LocScale.Mpi.Tests.Pipeline;

/// <summary>Which voxels of a mask file are scaled, whatever range its values have.</summary>
public sealed class GivenMaskTests
{
    private SmallJob _job = null!;
    private bool[] _inside = null!;

    [SetUp]
    public void Write_inputs()
    {
        _job = new SmallJob();
        _inside = [.. _job.Values("mask.mrc").Select(value => value == 1)];
    }

    [TearDown]
    public void Clean_up() => _job.Dispose();

    [TestCase(1f, "")]
    [TestCase(1f, "-th 1")]
    [TestCase(1f, "-th 0.1")]
    [TestCase(2f, "")]
    [TestCase(100f, "")]
    [TestCase(255f, "")]
    [TestCase(255f, "-th 1")]
    [TestCase(255f, "-th 255")]
    [TestCase(0.2f, "-th 0.2")]
    [TestCase(255f, "--compat locscale2")]
    [Category("Long")]
    public void A_mask_of_two_values_holds_the_larger_one(float value, string flags)
    {
        _job.Write("mask.mrc", [.. _inside.Select(inside => inside ? value : 0f)]);
        ProgramRun run = SmallJob.Succeed([.. _job.Single, .. Words(flags), "-o", _job.File("out.mrc")]);
        Assert.That(run.Error, Does.Not.Contain("mask.mrc"));
        if (flags != "--compat locscale2")
            Assert.That(_job.Values("out.mrc").Select(sharpened => sharpened != 0), Is.EqualTo(_inside));
    }

    [TestCase(1f, "", 0.5f, false)]
    [TestCase(1.2f, "", 0.5f, false)]
    [TestCase(255f, "", 127.5f, true)]
    [TestCase(255f, "-th 30", 30f, false)]
    [TestCase(255f, "--compat locscale2", 0.5f, false)]
    [Category("Long")]
    public void A_soft_mask_is_cut_at_half_its_height_unless_the_user_says_where(float height, string flags, float least, bool isTold)
    {
        float[] soft = [.. _job.Values("model.mrc").Select(value => height * Math.Min(1, value))];
        _job.Write("mask.mrc", soft);
        ProgramRun run = SmallJob.Succeed([.. _job.Single, .. Words(flags), "-wn", "8", "-o", _job.File("out.mrc"), "-v"]);
        Assert.That(run.Output, Does.Contain($"{soft.Count(value => value >= least):N0} voxels to scale"));
        Assert.That(run.Error.Contains("holds values up to 255: its voxels of 127.5 or more are sharpened", StringComparison.Ordinal), Is.EqualTo(isTold));
    }

    [Test]
    [Category("Long")]
    public void Bytes_of_255_that_read_as_minus_one_are_a_mask()
    {
        byte[] file = File.ReadAllBytes(_job.File("mask.mrc"))[..1024];
        file[12] = 0; // mode 0, bytes
        _job.Write("mask.mrc", [.. file, .. _inside.Select(inside => inside ? (byte)255 : (byte)0)]);
        Assert.That(_job.Values("mask.mrc").Min(), Is.EqualTo(-1));
        ProgramRun run = SmallJob.Succeed([.. _job.Single, "-o", _job.File("out.mrc")]);
        Assert.That(run.Error, Does.Contain("mask.mrc holds bytes below 0, which no mask does: they are taken as 128 to 255."));
        Assert.That(_job.Values("out.mrc").Select(sharpened => sharpened != 0), Is.EqualTo(_inside));
    }

    [TestCase(0.4f, "", "has no voxel of 0.5 or more, its largest value is 0.4")]
    [TestCase(1f, "-th 1.5", "has no voxel of 1.5 or more, its largest value is 1")]
    [TestCase(255f, "-th 256", "has no voxel of 256 or more, its largest value is 255")]
    [Category("Long")]
    public void A_mask_below_its_threshold_is_refused_with_its_largest_value(float value, string flags, string sentence)
    {
        _job.Write("mask.mrc", [.. _inside.Select(inside => inside ? value : 0f)]);
        _job.Refuse(sentence, [.. _job.Single, .. Words(flags), "-o", _job.File("out.mrc")], "Reading the model", "Loading maps");
    }

    [Test]
    public void A_threshold_of_one_needs_a_mask()
    {
        string[] withoutMask = [.. _job.Single.Where(word => word != "-ma" && word != _job.File("mask.mrc"))];
        _job.Refuse("-th is a confidence where no mask is given", [.. withoutMask, "-th", "1", "-o", _job.File("out.mrc")]);
    }

    private static string[] Words(string flags) => flags.Split(' ', StringSplitOptions.RemoveEmptyEntries);
}
