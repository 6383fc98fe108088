using System.Text.Json;
using LocScale.Maps.Masks;
using LocScale.Mpi.Distribution;
using LocScale.Scaling;
using LocScale.Tests;

namespace LocScale.Mpi.Tests.Pipeline;

/// <summary>The plan that <c>--dry_run</c> makes, and the schedule that it plays through.</summary>
public class RunPlanTests
{
    private static readonly ScalingParameters Windows = new(26, ProfileCoverage.FullSphere);

    [TestCase(true)]
    [TestCase(false)]
    public void A_dry_run_tells_its_plan_and_computes_nothing(bool hasHalves)
    {
        using SmallJob job = new();
        string[] before = job.Names;
        string[] flags = hasHalves ? ["-hm", job.File("half1.mrc"), job.File("half2.mrc"), "-mc", job.File("model.pdb")] : job.Single;
        ProgramRun run = SmallJob.Succeed([.. flags, "-o", job.File("out.mrc"), "--dry_run", "-v"]);
        Assert.That(job.Names.Except(before), Is.EqualTo(["out_plan.json"]));
        Assert.That(run.Output, Does.Not.Contain("Loading maps ...").And.Contain("Model: 120 atoms").And.Contain("64 × 1").And.Contain("Nothing was computed"));
        JsonElement plan = JsonDocument.Parse(File.ReadAllText(job.File("out_plan.json"))).RootElement;
        Assert.That(plan.GetProperty("box").EnumerateArray().Select(edge => edge.GetInt32()), Is.EqualTo([26, 28, 24]));
        Assert.That(plan.GetProperty("is_mask_guessed").GetBoolean(), Is.EqualTo(hasHalves));
        JsonElement[] teams = [.. plan.GetProperty("teams").EnumerateArray()];
        Assert.That(teams.Select(team => team.GetProperty("ranks").GetInt32()), Is.EqualTo([1, 2, 4, 16, 64, 512, 4096]));
        double[] seconds = [.. teams.Select(team => team.GetProperty("seconds").GetDouble())];
        Assert.That(seconds, Has.All.InRange(0.05, 200));
        Assert.That(seconds[^1], Is.LessThan(seconds[0]));
        string[] told = [.. plan.GetProperty("stages").EnumerateArray().Select(stage => stage.GetProperty("name").GetString()!)];
        Assert.That(told.Contains("Refining B-factors"), Is.EqualTo(hasHalves));

        // The stages are those that the run itself tells.
        if (hasHalves)
            return;
        ProgramRun real = SmallJob.Succeed([.. flags, "-o", job.File("out.mrc"), "-v"]);
        foreach (string name in told.Where(name => name != "Scaling" && !name.StartsWith("Starting", StringComparison.Ordinal)))
            Assert.That(real.Output, Does.Contain($"{name} ..."), name);
    }

    [Test]
    public void A_dry_run_refuses_what_the_run_would_refuse()
    {
        using SmallJob job = new();
        job.Refuse("does not fit into", [.. job.Single, "-wn", "100", "-o", job.File("out.mrc"), "--dry_run"]);
    }

    /// <summary>LocScale 2 takes 0.5, whatever the mask holds.</summary>
    [TestCase(true)]
    [TestCase(false)]
    public void The_voxels_of_a_mask_are_counted_as_the_run_counts_them(bool isCompatible)
    {
        using SmallJob job = new();
        float[] mask = [.. job.Values("mask.mrc").Select(value => value > 0 ? 255f : 1f)];
        job.Write("labels.mrc", mask);
        string[] flags = ["-em", job.File("map.mrc"), "-mm", job.File("model.mrc"), "-ma", job.File("labels.mrc"), "-res", "4"];
        SmallJob.Succeed([.. flags, "-o", job.File("out.mrc"), "--dry_run", .. isCompatible ? (string[])["--compat", "locscale2"] : []]);
        JsonElement plan = JsonDocument.Parse(File.ReadAllText(job.File("out_plan.json"))).RootElement;
        Assert.That(
            plan.GetProperty("voxels_to_scale").GetInt64(), Is.EqualTo(isCompatible ? SmallJob.Size.Count : mask.Count(value => value == 255)));
    }

    [Test]
    public void One_thread_scales_one_brick_after_the_other()
    {
        PlannedBrick[] plan = Bricks(100);
        SimulatedSchedule alone = ScheduleSimulation.Run(plan, Windows, 1, 1, new SchedulingCosts(1e-5, 1e9, 1e-3));
        Assert.That(alone.Seconds, Is.EqualTo(plan.Sum(brick => brick.Voxels) * 1e-5).Within(1e-9));
        Assert.That(alone.BusyShare, Is.EqualTo(1).Within(1e-9));
        Assert.That(alone.LinkShare, Is.Zero);
    }

    /// <summary>No schedule beats the work over the threads, the largest brick, or the bytes over the link.</summary>
    [TestCase(2, 1, 1e9)]
    [TestCase(8, 2, 1e9)]
    [TestCase(64, 1, 1e9)]
    [TestCase(64, 1, 1e7)]
    [TestCase(4096, 1, 1e9)]
    public void A_schedule_keeps_its_bounds(int ranks, int threads, double bytesPerSecond)
    {
        PlannedBrick[] plan = Bricks(500);
        SchedulingCosts costs = new(3e-6, bytesPerSecond, 1e-3);
        SimulatedSchedule schedule = ScheduleSimulation.Run(plan, Windows, ranks, threads, costs);
        double work = plan.Sum(brick => brick.Voxels) * costs.SecondsPerVoxel, largest = plan.Max(brick => brick.Voxels) * costs.SecondsPerVoxel;
        double least = Math.Max(largest, work / (ranks * threads));
        Assert.That(schedule.Seconds, Is.GreaterThanOrEqualTo(least - 1e-9));
        Assert.That(schedule.Seconds * schedule.LinkShare, Is.LessThanOrEqualTo(schedule.Seconds + 1e-9));
        Assert.That(schedule.BusyShare * schedule.Seconds * ranks * threads, Is.EqualTo(work).Within(1e-6 * work));
        if (bytesPerSecond > 1e8 && ranks <= 8)
            Assert.That(schedule.Seconds, Is.LessThan((work / (ranks * threads)) + (2 * largest) + 0.05), "the last bricks end together");
    }

    private static PlannedBrick[] Bricks(int count) =>
        [.. Enumerable.Range(0, count).Select(i => new PlannedBrick(new VoxelBox(0, 0, 0, 32, 32, 16), 16_384 - (20 * i)))];
}
