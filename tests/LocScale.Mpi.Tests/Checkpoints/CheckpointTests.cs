using LocScale.Mpi.Checkpoints;
using LocScale.Mpi.Distribution;
using LocScale.Mpi.Pipeline;
using LocScale.Tests;

namespace LocScale.Mpi.Tests.Checkpoints;

/// <summary>Finished work on disk: found again by what it depends on, whole or not at all.</summary>
public sealed class CheckpointTests
{
    private static readonly RankIdentity s_process = new("node", "1", "", 1, 1, "cpu", "AVX", "fftw", "mpi", ".NET", "glibc", new RankMemory("node", [], null));

    private readonly List<string> _warnings = [];
    private string _folder = "";

    private string Output => Path.Combine(_folder, "out.mrc");

    [SetUp]
    public void Make_folder()
    {
        _folder = Directory.CreateTempSubdirectory("locscale-mpi-test-").FullName;
        _warnings.Clear();
    }

    [TearDown]
    public void Remove_folder() => Directory.Delete(_folder, recursive: true);

    [Test]
    public void Work_is_found_by_what_it_depends_on_and_by_nothing_else()
    {
        using (Checkpoint first = Begin())
        {
            first.Stage("bricks", Print(1)).Keep(3, [1, 2, 3]);
            first.Stage("bricks", Print(1)).Keep(5, []);
            first.SaveWhatIsOld();
            Assert.That(first.HoldsWork, Is.True);
        }
        using Checkpoint second = new(Path.Combine(_folder, "other.mrc"), TimeSpan.Zero, _warnings.Add);
        Assert.That(Records(second, Print(1)), Is.EqualTo(new[] { "3: 010203", "5: " }));
        Assert.That(Records(second, Print(2)), Is.Empty);
        Assert.That(second.Stage("refinement", Print(1)).Find(), Is.Empty);
        Assert.That(Records(second, () => new Fingerprint(s_process with { Build = "2" }).Add<int>([1])), Is.Empty);
        second.Remove();
        Assert.That(Directory.GetFileSystemEntries(_folder), Is.Empty);
        Assert.That(_warnings, Is.Empty);
    }

    [Test]
    public void Nothing_is_written_before_the_interval_has_passed()
    {
        using (Checkpoint checkpoint = new(Output, TimeSpan.FromHours(1), _warnings.Add))
            checkpoint.Stage("bricks", Print(1)).Keep(0, [1]);
        Assert.That(Directory.GetFileSystemEntries(_folder), Is.Empty);
    }

    [Test]
    public void Whatever_happens_to_the_end_of_a_file_costs_the_records_there_only()
    {
        using (Checkpoint checkpoint = Begin())
        {
            for (int i = 0; i < 4; i++)
                checkpoint.Stage("bricks", Print(1)).Keep(i, [(byte)i, 0, 255, 7, 7]);
        }
        string file = Directory.GetFiles(Path.Combine(_folder, "locscale_checkpoint")).Single();
        byte[] whole = File.ReadAllBytes(file);
        int length = whole.Length / 4;
        for (int place = 0; place < whole.Length; place++)
        {
            byte[] damaged = [.. whole];
            damaged[place] ^= 0x10;
            foreach (byte[] content in new[] { damaged, whole[..place] })
            {
                File.WriteAllBytes(file, content);
                _warnings.Clear();
                using Checkpoint checkpoint = Begin();
                Assert.That(Records(checkpoint, Print(1)), Is.EqualTo(
                    Enumerable.Range(0, place / length).Select(i => $"{i}: {i:X2}00FF0707")), $"byte {place}");
                Assert.That(_warnings, Has.Count.EqualTo(content.Length % length == 0 && content.Length < whole.Length ? 0 : 1), $"byte {place}");
            }
        }
    }

    [Test]
    public void Work_goes_on_behind_what_was_left()
    {
        for (int i = 0; i < 3; i++)
        {
            using Checkpoint checkpoint = Begin();
            Assert.That(checkpoint.Stage("bricks", Print(1)).Find(), Has.Count.EqualTo(i));
            checkpoint.Stage("bricks", Print(1)).Keep(i, [9]);
        }
    }

    [Test]
    public void Two_runs_at_the_same_work_do_not_share_it()
    {
        using (Checkpoint earlier = Begin())
            earlier.Stage("bricks", Print(1)).Keep(0, [1]);
        using Checkpoint first = Begin();
        Assert.That(first.Stage("bricks", Print(1)).Find(), Has.Count.EqualTo(1));
        using Checkpoint second = Begin();
        Assert.That(second.Stage("bricks", Print(1)).Find(), Is.Empty);
        Assert.That(_warnings.Single(), Does.StartWith("No checkpoint is kept in "));
        second.Remove();
        Assert.That(Directory.GetFiles(Path.Combine(_folder, "locscale_checkpoint")), Has.Length.EqualTo(1), "the other run's file");
    }

    [Test]
    public void A_folder_that_takes_no_files_is_told_once_and_stops_nothing()
    {
        File.WriteAllText(Path.Combine(_folder, "locscale_checkpoint"), "not a folder");
        using Checkpoint checkpoint = Begin();
        for (int i = 0; i < 3; i++)
        {
            checkpoint.Stage("bricks", Print(1)).Keep(i, [1]);
            checkpoint.SaveWhatIsOld();
        }
        checkpoint.Remove();
        Assert.That(_warnings.Single(), Does.StartWith("No checkpoint is kept in ").And.EndsWith("it begins anew."));
        Assert.That(checkpoint.HoldsWork, Is.False);
    }

    [Test]
    public void A_disk_that_fills_up_is_told_once_and_gets_its_room_back()
    {
        using SmallDisk disk = SmallDisk.Mount(Path.Combine(_folder, "disk"), "64k");
        using (Checkpoint checkpoint = new(disk.File("out.mrc"), TimeSpan.Zero, _warnings.Add))
        {
            foreach (int length in new[] { 20_000, 30_000, 40_000, 5_000 })
            {
                checkpoint.Stage("bricks", Print(length % 3)).Keep(0, new byte[length]);
                checkpoint.SaveWhatIsOld();
            }
            Assert.That(checkpoint.HoldsWork, Is.False);
        }
        Assert.That(_warnings.Single(), Does.Contain("no space is left on the device").And.EndsWith("it begins anew."));
        Assert.That(Directory.GetFileSystemEntries(disk.Folder), Is.Empty);
    }

    [Test]
    public void What_cannot_be_removed_is_told_and_fails_no_run_that_is_done()
    {
        using Checkpoint checkpoint = Begin();
        checkpoint.Stage("bricks", Print(1)).Keep(0, [1]);
        checkpoint.SaveWhatIsOld();
        // No file any more, so that no file can be deleted.
        string file = Directory.GetFiles(Path.Combine(_folder, "locscale_checkpoint")).Single();
        File.Delete(file);
        Directory.CreateDirectory(file);
        checkpoint.Remove();
        Assert.That(_warnings.Single(), Does.StartWith("The checkpoint in ").And.EndsWith("take it away by hand."));
    }

    [Test]
    public void Nothing_is_hashed_where_nothing_is_kept()
    {
        using Checkpoint off = new(Output, null, _warnings.Add);
        StageCheckpoint stage = off.Stage("bricks", () => throw new InvalidOperationException("maps of gigabytes were hashed"));
        stage.Keep(0, [1]);
        off.SaveWhatIsOld();
        Assert.That(stage.Find(), Is.Empty);
        Assert.That(Directory.GetFileSystemEntries(_folder), Is.Empty);
    }

    private static Func<Fingerprint> Print(int number) => () => new Fingerprint(s_process).Add<int>([number]);

    private Checkpoint Begin() => new(Output, TimeSpan.Zero, _warnings.Add);

    private static string[] Records(Checkpoint checkpoint, Func<Fingerprint> fingerprint) =>
        [.. checkpoint.Stage("bricks", fingerprint).Find().Select(record => $"{record.Number}: {Convert.ToHexString(record.Content)}")];
}
