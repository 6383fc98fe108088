using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Json.Schema;
using LocScale.Mpi.Example;
using LocScale.Tests;

namespace LocScale.Mpi.Tests.Pipeline;

/// <summary>What a run of every kind tells of itself: the summary, by its schema, and the log.</summary>
public sealed class SummaryTests
{
    private static readonly JsonSchema Schema = JsonSchema.FromFile(Path.Combine(Repository.Folder, "docs", "summary.schema.json"));

    private SmallJob _job = null!;

    [SetUp]
    public void Make_maps() => _job = new SmallJob();

    [TearDown]
    public void Remove_maps() => _job.Dispose();

    [Test]
    [Category("Long")]
    public void Refined_job_on_half_maps_tells_all_it_knows()
    {
        using TemporaryFolder folder = new();
        ExampleFiles.Write(folder.File("example"));
        string model = folder.File("example/model.pdb");
        SmallJob.Succeed(
            "-hm", folder.File("example/half1.mrc"), folder.File("example/half2.mrc"), "-mc", model, "-ma", folder.File("example/mask.mrc"),
            "-o", folder.File("out.mrc"), "-np", "2");
        JsonNode summary = Valid(folder.File("out_summary.json"));
        Assert.That((int)summary["exit_code"]!, Is.Zero);
        Assert.That(summary["inputs"]!.AsArray().Select(input => (string)input!["role"]!), Is.EqualTo(["half map 1", "half map 2", "model", "mask"]));
        Assert.That((string)summary["inputs"]![2]!["sha256"]!, Is.EqualTo(Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(model)))));
        Assert.That(summary["refinement"]!["cycles"]!.AsArray(), Has.Count.GreaterThan(2));
        Assert.That((double)summary["refinement"]!["mean_after"]!, Is.InRange(5, 200));
        Assert.That((double)summary["mask"]!["model_covered"]!, Is.InRange(0.9, 1));
        Assert.That(summary["half_map_fsc"]!["corrected"]!.AsArray(), Has.Count.EqualTo(summary["half_map_fsc"]!["frequencies"]!.AsArray().Count));
        Assert.That((string)summary["options"]!["number_processes"]!, Is.EqualTo("2"));
        Assert.That(summary["outputs"]!.AsArray().Select(path => (string)path!), Is.SupersetOf(new[] { folder.File("out.mrc"), folder.File("out.log") }));
        Assert.That(summary["outputs"]!.AsArray().Select(path => (string)path!), Has.All.Exist);
        string log = File.ReadAllText(folder.File("out.log"));
        Assert.That(log, Does.Contain("cycle 1: target").And.Contain("Scaling: 100 %").And.Contain("\nWritten: "));
    }

    [TestCase("-em map.mrc -mm model.mrc -ma mask.mrc -res 4")]
    [TestCase("-em map.mrc -mc model.pdb --skip_refine -ma mask.mrc -res 4 --complete_model")]
    [TestCase("-hm half1.mrc half2.mrc -ma mask.mrc -res 4")]
    [TestCase("-hm half1.mrc half2.mrc -mm model.mrc -ma mask.mrc --half_maps")]
    [TestCase("-em map.mrc -mc model.pdb --skip_refine -ma mask.mrc --compat locscale2")]
    [TestCase("-hm half1.mrc half2.mrc --no_reference -ma mask.mrc --print_report")]
    public void Summary_of_every_kind_of_run_is_valid(string arguments)
    {
        SmallJob.Succeed([.. Paths(arguments), "-o", _job.File("out.mrc")]);
        JsonNode summary = Valid(_job.File("out_summary.json"));
        Assert.That((int)summary["exit_code"]!, Is.Zero);
        Assert.That(summary["error"], Is.Null);
        Assert.That((long)summary["scaling"]!["voxels"]!, Is.Positive.And.LessThanOrEqualTo((long)summary["mask"]!["voxels"]!));
        Assert.That(summary["ranks"]!.AsArray().Single()!["bricks"]!.GetValue<int>(), Is.Positive);
    }

    [Test]
    public void Refused_run_says_why()
    {
        _job.Write("empty.mrc", new float[SmallJob.Size.Count]);
        ProgramRun run = SmallJob.Run([.. Paths("-em map.mrc -mm model.mrc -ma empty.mrc -res 4"), "-o", _job.File("out.mrc")]);
        JsonNode summary = Valid(_job.File("out_summary.json"));
        Assert.That((int)summary["exit_code"]!, Is.EqualTo(2).And.EqualTo(run.ExitCode));
        Assert.That(run.Error, Does.Contain((string)summary["error"]!));
        Assert.That(summary["stages"]!.AsArray(), Is.Not.Empty);
        Assert.That(summary["outputs"]!.AsArray().Select(path => (string)path!), Is.EqualTo([_job.File("out.log")]));
        Assert.That(_job.Names, Does.Not.Contain("out.mrc"));
    }

    [Test]
    public void Log_of_a_refused_run_says_what_was_done_and_how_it_ended_and_replaces_no_other_file()
    {
        _job.Write("empty.mrc", new float[SmallJob.Size.Count]);
        string[] refused = [.. Paths("-em map.mrc -mm model.mrc -ma empty.mrc -res 4"), "-o", _job.File("out.mrc")];
        foreach (string before in (string[])["", "locscale-mpi, earlier\nRefused: Something else.\n"])
        {
            if (before.Length > 0)
                File.WriteAllText(_job.File("out.log"), before);
            ProgramRun run = SmallJob.Run(refused);
            string[] lines = File.ReadAllLines(_job.File("out.log"));
            Assert.That(lines, Does.Contain("Loading maps ..."));
            Assert.That(lines[^1], Is.EqualTo("Refused: " + (string)Valid(_job.File("out_summary.json"))["error"]!), run.ToString());
        }
        File.WriteAllText(_job.File("out.log"), "what a shell wrote\n");
        SmallJob.Run(refused);
        Assert.That(File.ReadAllText(_job.File("out.log")), Is.EqualTo("what a shell wrote\n"));
        Assert.That(Valid(_job.File("out_summary.json"))["outputs"]!.AsArray(), Is.Empty);
    }

    [Test]
    public void Job_that_is_refused_before_its_work_leaves_no_log()
    {
        SmallJob.Run([.. Paths("-em nowhere.mrc -mm model.mrc -ma mask.mrc -res 4"), "-o", _job.File("out.mrc")]);
        Assert.That(_job.Names, Does.Contain("out_summary.json").And.Not.Contain("out.log"));
    }

    [Test]
    public void Refused_run_leaves_the_summary_of_a_finished_one_and_replaces_that_of_a_refused_one()
    {
        string[] job = [.. Paths("-em map.mrc -mm model.mrc -ma mask.mrc -res 4"), "-o", _job.File("out.mrc")];
        SmallJob.Run([.. job, "-wn", "100"]);
        Assert.That((string)Valid(_job.File("out_summary.json"))["error"]!, Does.Contain("window of 100"));
        SmallJob.Run([.. job, "-wn", "90"]);
        Assert.That((string)Valid(_job.File("out_summary.json"))["error"]!, Does.Contain("window of 90"));
        SmallJob.Succeed(job);
        SmallJob.Run([.. job, "-wn", "100"]);
        Assert.That((int)Valid(_job.File("out_summary.json"))["exit_code"]!, Is.Zero);
    }

    [Test]
    public void Warnings_carry_the_stage_they_come_from()
    {
        SmallJob.Succeed([.. Paths("-em map.mrc -mm model.mrc -ma mask.mrc -res 4 -wn 26"), "-o", _job.File("out.mrc")]);
        JsonNode summary = Valid(_job.File("out_summary.json"));
        JsonNode warning = summary["warnings"]!.AsArray().Single(each => ((string)each!["text"]!).StartsWith("Windows of 26", StringComparison.Ordinal))!;
        Assert.That((string)warning["stage"]!, Is.EqualTo("Preparing windows"));
        Assert.That(File.ReadAllText(_job.File("out.log")), Does.Contain($"Warning: {(string)warning["text"]!}"));
    }

    [Test]
    public void Summary_that_would_replace_an_input_is_not_written()
    {
        _job.Write("x_summary.json", File.ReadAllBytes(_job.File("mask.mrc")));
        byte[] before = File.ReadAllBytes(_job.File("x_summary.json"));
        ProgramRun run = SmallJob.Run([.. Paths("-em map.mrc -mm model.mrc -ma x_summary.json -res 4"), "-o", _job.File("x.mrc")]);
        Assert.That(run.ExitCode, Is.EqualTo(2), run.ToString());
        Assert.That(File.ReadAllBytes(_job.File("x_summary.json")), Is.EqualTo(before));
    }

    [Test]
    public void Schema_refuses_what_is_no_summary()
    {
        Assert.That(Schema.Evaluate(JsonNode.Parse("{\"schema_version\":\"1.0\"}")).IsValid, Is.False);
        SmallJob.Succeed([.. Paths("-em map.mrc -mm model.mrc -ma mask.mrc -res 4"), "-o", _job.File("out.mrc")]);
        JsonNode summary = Valid(_job.File("out_summary.json"));
        summary["scaling"]!["window"] = "wide";
        Assert.That(Schema.Evaluate(summary).IsValid, Is.False);
    }

    private string[] Paths(string arguments) => [.. arguments.Split(' ').Select(word => word.Contains('.', StringComparison.Ordinal) ? _job.File(word) : word)];

    private static JsonNode Valid(string path)
    {
        JsonNode summary = JsonNode.Parse(File.ReadAllText(path))!;
        EvaluationResults results = Schema.Evaluate(summary, new EvaluationOptions { OutputFormat = OutputFormat.List });
        Assert.That(results.IsValid, Is.True, string.Join('\n', results.Details.Where(detail => detail.HasErrors)
            .Select(detail => $"{detail.InstanceLocation}: {string.Join("; ", detail.Errors!.Values)}")));
        return summary;
    }
}
