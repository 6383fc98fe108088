using LocScale.Maps;
using LocScale.Maps.Amplitudes;
using LocScale.Maps.Files;
using LocScale.Maps.Masks;
using LocScale.Mpi.CommandLine;
using LocScale.Mpi.Pipeline;
using LocScale.Parallel;
using LocScale.Tests;

namespace LocScale.Mpi.Tests.Pipeline;

/// <summary>What the machine has is known, and a run that needs more is refused before the work.</summary>
public sealed class MachineLimitsTests
{
    private const string Meminfo = "MemTotal:       24684092 kB\nMemFree:        18716692 kB\n";
    private const long MemTotal = 24684092L * 1024;

    [Test]
    public void Memory_is_that_of_the_machine_without_control_groups() =>
        Assert.That(Limit(("proc/meminfo", Meminfo)), Is.EqualTo(new MemoryLimit(MemTotal, "the machine")));

    [Test]
    public void Nothing_is_known_where_there_are_no_such_files() => Assert.That(Limit(), Is.Null);

    // A job of SLURM: the step's group has no limit of its own, that of the job has one.
    [TestCase("max", "4000000000", 4_000_000_000)]
    [TestCase("3000000000", "4000000000", 3_000_000_000)]
    [TestCase("max", "max", MemTotal)]
    public void Limit_of_version_2_is_that_of_the_group_or_of_one_around_it(string own, string parent, long expected) =>
        Assert.That(Limit(
            ("proc/meminfo", Meminfo),
            ("proc/self/cgroup", "0::/system.slice/job_7/step_0\n"),
            ("proc/self/mountinfo", "22 1 0:20 / /proc rw - proc proc rw\n35 31 0:32 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate\n"),
            ("sys/fs/cgroup/system.slice/job_7/step_0/memory.max", own + "\n"),
            ("sys/fs/cgroup/system.slice/job_7/memory.max", parent + "\n"),
            ("sys/fs/cgroup/system.slice/memory.max", "max\n"))!.Value.Bytes, Is.EqualTo(expected));

    [Test]
    public void Limit_of_version_1_is_that_of_the_memory_controller() =>
        Assert.That(Limit(
            ("proc/meminfo", Meminfo),
            ("proc/self/cgroup", "9:cpu,cpuacct:/jobs/7\n4:memory:/jobs/7\n0::/\n"),
            ("proc/self/mountinfo", "32 31 0:29 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu,cpuacct\n35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory\n41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n"),
            ("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n"),
            ("sys/fs/cgroup/memory/jobs/7/memory.limit_in_bytes", "2147483648\n")), Is.EqualTo(new MemoryLimit(1L << 31, "the control group of the job", "/jobs/7")));

    [Test]
    public void Limit_of_a_container_that_sees_its_own_group_only_is_found() =>
        Assert.That(Limit(
            ("proc/meminfo", Meminfo),
            ("proc/self/cgroup", "4:memory:/docker/0123abc\n"),
            ("proc/self/mountinfo", "35 31 0:32 /docker/0123abc /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory\n"),
            ("sys/fs/cgroup/memory/memory.limit_in_bytes", "1000000000\n"))!.Value.Bytes, Is.EqualTo(1_000_000_000));

    [TestCase("nonsense\n::\n", "no mounts - here\n\n-")]
    [TestCase("", "")]
    public void Files_that_cannot_be_understood_are_passed_over(string groups, string mounts) =>
        Assert.That(Limit(("proc/meminfo", Meminfo), ("proc/self/cgroup", groups), ("proc/self/mountinfo", mounts))!.Value.Bytes, Is.EqualTo(MemTotal));

    [Test]
    public void This_machine_has_limits()
    {
        RankMemory memory = RankMemory.Here();
        MachineLimits machine = MachineLimits.Of([memory]);
        string folder = Path.GetTempPath();
        TestContext.Out.WriteLine(
            $"{memory.Host}: {string.Join(", ", memory.Limits)}, .NET {memory.Managed:N0}, {machine.DiskOf(folder)} {machine.Room(folder):N0}");
        Assert.That(machine.Room(folder), Is.GreaterThan(0));
        Assert.That(machine.Room("/no/such/folder"), Is.Null);
        if (OperatingSystem.IsLinux())
            Assert.That(memory.Limits.Select(limit => limit.Bytes), Is.Not.Empty.And.All.GreaterThan(100_000_000));
        Assert.That(memory.Managed, Is.GreaterThan(100_000_000));
    }

    [Test]
    public void Run_that_needs_more_memory_than_there_is_is_refused()
    {
        using SmallJob job = new();
        RunOptions options = Options([.. job.Halves, "-o", job.File("out.mrc")]);
        MachineLimits machine = new([Memory("node1", null, 50_000_000)], _ => "/", _ => null);
        Assert.That(Refusal(options, machine), Is.EqualTo(
            "A box of 26 × 28 × 24 voxels needs 75.7 MB of memory on rank 0, and the control group of the job has 50 MB for it: "
            + "use a machine or ask for a job with more, or crop or bin the maps."));
        machine = machine with { Memory = [Memory("node1", 9_000_000, 50_000_000_000)] };
        Assert.That(Refusal(options, machine), Does.Contain("the .NET runtime, by its settings or those of the control group, has 9 MB for it"));
    }

    /// <summary>Ranks of one host and control group share what it has; others do not.</summary>
    [Test]
    public void Ranks_that_together_need_more_than_their_machine_has_are_refused_by_host_and_rank()
    {
        using SmallJob job = new();
        RunOptions options = Options([.. job.Halves, "-o", job.File("out.mrc")]);
        RankMemory roomy = Memory("node1", null, 100_000_000), small = Memory("node2", null, 100_000_000);
        Assert.That(() => Check(options, new MachineLimits([roomy, small], _ => "/", _ => null)), Throws.Nothing);
        Assert.That(
            Refusal(options, new MachineLimits([roomy, small, small], _ => "/", _ => null)),
            Is.EqualTo("A box of 26 × 28 × 24 voxels needs 150.6 MB of memory on ranks 1 to 2 of host node2, and the control group of the job "
                + "has 100 MB for it: start fewer ranks there, use a machine or ask for a job with more, or crop or bin the maps."));
        Assert.That(
            Refusal(options, new MachineLimits([small, roomy, small], _ => "/", _ => null)), Does.Contain("on ranks 0, 2 of host node2,"));
        RankMemory own = small with { Limits = [new MemoryLimit(100_000_000, "the control group of the job", "/job/step/task_1")] };
        Assert.That(() => Check(options, new MachineLimits([roomy, small, own], _ => "/", _ => null)), Throws.Nothing);
        RankMemory tight = Memory("node3", 1_000_000, 100_000_000);
        Assert.That(
            Refusal(options, new MachineLimits([roomy, small, tight], _ => "/", _ => null)),
            Does.Contain("on rank 2 of host node3, and the .NET runtime"));
    }

    [Test]
    public void Averaging_over_copies_needs_more_than_the_rest_and_says_so()
    {
        GridSize size = new(256, 256, 256);
        MemoryNeed whole = MemoryNeed.Of(Options(["-hm", "x", "y", "-mc", "x", "--match_amplitudes", "off"]), 0, 1, size, new RunExtent(0.5, 0)), averaging = MemoryNeed.OfAveraging(1, size);
        RankMemory[] memory = [Memory("node1", null, (whole.All + averaging.All) / 2)];
        Assert.That(() => MemoryChecking.Require(size, [whole], memory), Throws.Nothing);
        Assert.That(
            () => MemoryChecking.Require(size, [averaging], memory, "for the average "),
            Throws.TypeOf<InputException>().With.Message.StartsWith("A box of 256 × 256 × 256 voxels needs 528 MB of memory for the average on rank 0, and"));
    }

    /// <summary>Before the mask is known, a particle of half the box's length is taken for granted; then, what the windows read counts.</summary>
    [Test]
    public void A_mask_of_more_than_half_the_box_each_way_is_held_against_the_memory_when_it_is_known()
    {
        GridSize size = new(1024, 1024, 1024);
        RunOptions options = Options(["-hm", "x", "y", "-mc", "x", "-o", "out.mrc"]);
        MapOutline outline = new(size, MapFrame.AtOrigin(size, 1), []);
        RankMemory[] memory = [Memory("node1", null, MemTotal)];
        Assert.That(() => MemoryChecking.Require(size, MemoryNeed.OfAll(options, 1, size, RunExtent.Guess(options, outline)), memory), Throws.Nothing);
        Assert.That(() => JobChecking.RequireMemory(options, memory, Box(512), size, 0), Throws.Nothing);
        Assert.That(
            () => JobChecking.RequireMemory(options, memory, Box(900), size, 0),
            Throws.TypeOf<InputException>().With.Message.StartsWith("A box of 1024 × 1024 × 1024 voxels needs 39.2 GB of memory with a mask whose windows read 900 × 900 × 900 of them on rank 0, and"));

        SeamlessBox Box(int edge) => new(new VoxelBox(0, 0, 0, edge, edge, edge), size, 10);
    }

    // As measured.
    [TestCase("-em x -mm x -ma x -res 3 --match_amplitudes off", 1, 12)]
    [TestCase("-em x -mc x -ma x -res 3 --match_amplitudes off", 1, 15)]
    [TestCase("-em x -mc x -ma x -res 3 --match_amplitudes off", 4, 12)]
    [TestCase("-em x -mc x -ma x --match_amplitudes off", 1, 17)]
    [TestCase("-em x -mc x --match_amplitudes off", 1, 17)]
    [TestCase("-hm x y -mc x -ma x --match_amplitudes off", 1, 17)]
    [TestCase("-hm x y -mc x --match_amplitudes off", 1, 20)]
    [TestCase("-em x -mm x -ma x -res 3 -sym C5 --match_amplitudes off", 1, 17)]
    [TestCase("-em x -mc x -ma x -res 3", 1, 29)]
    [TestCase("-em x -mc x -ma x -res 3", 4, 26)]
    public void Need_grows_with_the_box_and_with_what_is_asked_for(string flags, int ranks, double bytesPerVoxel)
    {
        RunOptions options = Options(flags.Split(' '));
        GridSize large = new(512, 512, 512), small = new(256, 256, 256);
        long difference = MemoryNeed.Of(options, 0, ranks, large, new RunExtent(0.5, 0)).All - MemoryNeed.Of(options, 0, ranks, small, new RunExtent(0.5, 0)).All;
        Assert.That((double)difference / (large.Count - small.Count), Is.EqualTo(bytesPerVoxel).Within(1e-6));
    }

    // As measured, for each rank's part.
    [TestCase("-em x -mm x -ma x -res 3 --match_amplitudes off", 2, 8)]
    [TestCase("-hm x y -mc x --match_amplitudes off", 2, 19)]
    [TestCase("-hm x y -mc x --match_amplitudes off", 3, 19)]
    [TestCase("-em x -mm x -ma x -res 3", 2, 24)]
    public void Need_of_the_other_ranks_is_that_of_their_part(string flags, int ranks, double bytesPerVoxel)
    {
        RunOptions options = Options(flags.Split(' '));
        GridSize large = new(512, 512, 512), small = new(256, 256, 256);
        long difference = MemoryNeed.Of(options, 1, ranks, large, new RunExtent(0.5, 0)).All - MemoryNeed.Of(options, 1, ranks, small, new RunExtent(0.5, 0)).All;
        Assert.That((double)difference * ranks / (large.Count - small.Count), Is.EqualTo(bytesPerVoxel).Within(1e-6));
    }

    [Test]
    public void Run_that_needs_more_room_than_there_is_is_refused()
    {
        using SmallJob job = new();
        RunOptions options = Options([.. job.Halves, "--measure_bfactors", "-o", job.File("out.mrc"), "-op", job.File("stages")]);
        // Three maps and the report; in the folder of the stages the mean of the half maps and the model map.
        long map = 1024 + (4 * SmallJob.Size.Count);
        long report = OutputFiles.ReportBytes(map);
        MachineLimits roomy = new([new RankMemory("here", [], null)], _ => "/", _ => (5 * map) + report);
        Assert.That(() => Check(options, roomy), Throws.Nothing);
        Assert.That(Refusal(options, roomy with { Room = _ => (5 * map) + report - 1 }), Is.EqualTo(
            $"The disk of {job.File("").TrimEnd('/')} has room for 1.4 MB, and the run writes 1.4 MB there: make room, or choose another folder with -o or -op."));

        // Two disks.
        MachineLimits two = roomy with { DiskOf = folder => folder, Room = folder => folder.EndsWith("stages", StringComparison.Ordinal) ? 2 * map : (3 * map) + report };
        Assert.That(() => Check(options, two), Throws.Nothing);
        Assert.That(
            Refusal(options, two with { Room = folder => folder.EndsWith("stages", StringComparison.Ordinal) ? map : (3 * map) + report }),
            Does.StartWith($"The disk of {job.File("stages")} has room for"));
    }

    [Test]
    public void Disk_that_is_too_small_is_told_before_the_work()
    {
        using SmallJob job = new();
        using SmallDisk disk = SmallDisk.Mount(job.File("disk"), "80k");
        job.Refuse("has room for 0.1 MB, and the run writes 0.2 MB there", [.. job.Halves, "--measure_bfactors", "-o", disk.File("out.mrc")]);
        Assert.That(Directory.GetFileSystemEntries(disk.Folder), Is.Empty);
    }

    [Test]
    public void Folder_that_takes_no_files_is_told_before_the_work()
    {
        using SmallJob job = new();
        using SmallDisk disk = SmallDisk.Mount(job.File("disk"), "80k", ",ro");
        job.Refuse("cannot be written (Read-only file system)", [.. job.Single, "-o", disk.File("out.mrc")]);
        job.Refuse("cannot be created (Read-only file system)", [.. job.Single, "-o", job.File("out.mrc"), "-op", disk.File("stages")]);
        job.Refuse("cannot be written (Read-only file system)", [.. job.Single, "-o", job.File("out.mrc"), "-op", disk.Folder]);
    }

    private static RunOptions Options(string[] arguments) => ((RunCommand)CommandLineReader.Read(arguments)).Options;

    private static void Check(RunOptions options, MachineLimits machine)
    {
        using AtomicFileSet files = new();
        JobChecking.Check(options, files, machine);
    }

    private static string Refusal(RunOptions options, MachineLimits machine) =>
        Assert.Throws<InputException>(() => Check(options, machine))!.Message;

    private static RankMemory Memory(string host, long? managed, long bytes) =>
        new(host, [new MemoryLimit(500_000_000_000, "the machine"), new MemoryLimit(bytes, "the control group of the job", "/job")], managed);

    /// <summary>The tightest limit.</summary>
    private static MemoryLimit? Limit(params (string Name, string Content)[] files)
    {
        using TemporaryFolder root = new();
        foreach ((string name, string content) in files)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(root.File(name))!);
            root.Write(name, content);
        }
        IReadOnlyList<MemoryLimit> limits = MachineLimits.LimitsOfMemory(root.File(""));
        return limits.Count > 0 ? limits.MinBy(limit => limit.Bytes) : null;
    }
}
