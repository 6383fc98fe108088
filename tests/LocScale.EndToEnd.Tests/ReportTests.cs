using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using LocScale.Tests;

namespace LocScale.EndToEnd.Tests;

/// <summary>
/// The reports of runs in a browser, with 3-D graphics in software and without: they ask nothing of any other place, no
/// script fails, all figures are there, no text leaves its frame.
/// </summary>
[TestFixture]
[Category("Long")]
public sealed class ReportTests
{
    private static readonly string[] Sections =
        ["inputs", "view", "slices", "resolution", "raw", "mask", "bfactors", "amplitudes", "agreement", "unmodelled", "resources", "settings"];

    // What a script in the page finds out; it stands in for the last thing that the report does.
    private const string Inspection = """
        <script>
        window.complaints = [];
        addEventListener("error", event => complaints.push("error: " + event.message));
        addEventListener("unhandledrejection", event => complaints.push("rejection: " + event.reason));
        addEventListener("securitypolicyviolation", event => complaints.push("request: " + event.blockedURI));
        addEventListener("load", async () => {
            const view = document.getElementById("view");
            for (let i = 0; i < 600 && !view.dataset.state; i++)
                await new Promise(done => setTimeout(done, 100));
            const out = [];
            for (const svg of document.querySelectorAll("svg.plot")) {
                const frame = svg.getBoundingClientRect();
                for (const text of svg.querySelectorAll("text")) {
                    const box = text.getBoundingClientRect();
                    if (box.left < frame.left - 1 || box.right > frame.right + 1 || box.top < frame.top - 1 || box.bottom > frame.bottom + 1)
                        out.push(svg.getAttribute("aria-label") + ": " + text.textContent);
                }
            }
            const page = document.querySelector("main").getBoundingClientRect();
            for (const text of document.querySelectorAll("h1, h2, p, li, td, th, dt, dd, pre, figcaption, .name, .head, label")) {
                const box = text.getBoundingClientRect();
                const scrolls = text.closest(".wide");
                if (text.scrollWidth > text.clientWidth + 1 && getComputedStyle(text).display !== "inline" || !scrolls && (box.right > page.right + 1 || box.left < page.left - 1))
                    out.push(text.tagName + ": " + text.textContent.slice(0, 80));
            }
            let coloured = 0;
            const canvas = document.querySelector("#view-frame canvas");
            if (canvas) {
                const copy = document.createElement("canvas");
                copy.width = 200; copy.height = 100;
                const context = copy.getContext("2d");
                context.drawImage(canvas, 0, 0, 200, 100);
                const pixels = context.getImageData(0, 0, 200, 100).data;
                for (let i = 0; i < pixels.length; i += 4)
                    coloured += pixels[i + 3] > 0 && Math.min(pixels[i], pixels[i + 1], pixels[i + 2]) < 200 ? 1 : 0;
            }
            const pictures = [...document.images];
            document.title = "RESULT" + JSON.stringify({
                state: view.dataset.state ?? "none yet", triangles: view.dataset.triangles ?? "", note: document.getElementById("view-note").textContent,
                out, complaints, coloured, pictures: pictures.length, broken: pictures.filter(picture => !picture.complete || picture.naturalWidth === 0).length,
                plots: document.querySelectorAll("svg.plot").length, empty: [...document.querySelectorAll("svg.plot path.line")].filter(line => line.getTotalLength() < 10).length,
                sections: [...document.querySelectorAll("section")].map(section => section.id),
                requests: performance.getEntriesByType("resource").map(entry => entry.name).filter(name => !name.startsWith("data:") && !name.startsWith("blob:")),
            }) + "END";
        });
        </script>
        """;

    private LocScaleMpi _program = null!;
    private readonly Dictionary<string, string> _reports = [];

    [OneTimeSetUp]
    public void RequireBrowser()
    {
        if (!ProgramRun.IsOnPath("chromium"))
            Assert.Ignore("SKIPPED: chromium is not on this machine; install the package chromium.");
        _program = new LocScaleMpi();
    }

    [OneTimeTearDown]
    public void Clean_up() => _program?.Dispose();

    [TestCase("example", true)]
    [TestCase("example", false)]
    [TestCase("vp6", true, Category = "Long,Exhaustive")]
    [TestCase("vp6", false, Category = "Long,Exhaustive")]
    [TestCase("partial_96", true, Category = "Long,Exhaustive")]
    public void Report_is_whole_in_a_browser(string data, bool hasGraphics)
    {
        string report = ReportOf(data);
        Assert.That(new FileInfo(report).Length, Is.LessThan(25_000_000));
        JsonElement found = Inspect(report, hasGraphics, out string console);
        Assert.That(console, Is.Empty, "messages on the console");
        Assert.That(Strings("complaints"), Is.Empty);
        Assert.That(Strings("requests"), Is.Empty);
        Assert.That(Strings("out"), Is.Empty, "text outside its frame");
        Assert.That(Strings("sections"), Is.SupersetOf(Sections));
        Assert.That(found.GetProperty("pictures").GetInt32(), Is.EqualTo(15), "five maps in three planes");
        Assert.That(found.GetProperty("broken").GetInt32(), Is.Zero);
        Assert.That(found.GetProperty("plots").GetInt32(), Is.GreaterThan(5));
        Assert.That(found.GetProperty("empty").GetInt32(), Is.Zero, "lines without length");
        string state = found.GetProperty("state").GetString()!;
        if (!hasGraphics)
        {
            Assert.That(state, Is.EqualTo("none"));
            Assert.That(found.GetProperty("note").GetString(), Does.Contain("no 3-D graphics"));
            return;
        }
        Assert.That(state, Is.EqualTo("drawn"));
        double[] triangles = [.. found.GetProperty("triangles").GetString()!.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(count => double.Parse(count, CultureInfo.InvariantCulture))];
        Assert.That(triangles, Has.Length.EqualTo(2).And.All.GreaterThan(1000), "the surfaces before and after");
        Assert.That(found.GetProperty("coloured").GetInt32(), Is.GreaterThan(300), "of 20,000 pixels of the view");

        string[] Strings(string name) => [.. found.GetProperty(name).EnumerateArray().Select(each => each.GetString()!)];
    }

    [Test]
    public void Text_of_a_page_as_narrow_as_a_telephone_stays_in_its_frame()
    {
        JsonElement found = Inspect(ReportOf("example"), hasGraphics: false, out _, "--window-size=500,900");
        Assert.That(found.GetProperty("out").EnumerateArray().Select(each => each.GetString()), Is.Empty);
    }

    // The first context is the one by which the page finds out whether there is any.
    [TestCase("return count++ === 0 ? real.apply(this, all) : null;")]
    [TestCase("const made = real.apply(this, all); if (count++ > 0 && made) setTimeout(() => made.getExtension('WEBGL_lose_context').loseContext(), 1000); return made;")]
    public void Where_graphics_fail_a_sentence_points_to_the_slices(string getContext)
    {
        string fault = $$"""
            <script>
            let count = 0;
            const real = HTMLCanvasElement.prototype.getContext;
            HTMLCanvasElement.prototype.getContext = function (...all) { if (!all[0].includes("webgl")) return real.apply(this, all); {{getContext}} };
            </script>
            """;
        JsonElement found = Inspect(ReportOf("example"), hasGraphics: true, out _, script: fault + Inspection.Replace("!view.dataset.state", "view.dataset.state !== 'failed'", StringComparison.Ordinal));
        Assert.That(found.GetProperty("state").GetString(), Is.EqualTo("failed"));
        Assert.That(found.GetProperty("note").GetString(), Does.StartWith("The 3-D graphics of this browser").And.EndWith(": the slices show the same maps."));
        Assert.That(found.GetProperty("coloured").GetInt32(), Is.Zero, "the frame is gone");
        Assert.That(found.GetProperty("broken").GetInt32(), Is.Zero);
    }

    [Test]
    public void Where_scripts_are_blocked_there_is_no_empty_frame()
    {
        string report = File.ReadAllText(ReportOf("example"));
        Assert.That(report, Does.Contain("switched off here: the slices show the same maps.</p>").And.Contain("<div id=\"view-part\" hidden>"));
    }

    private string ReportOf(string data)
    {
        if (_reports.TryGetValue(data, out string? made))
            return made;
        string[] job;
        switch (data)
        {
            case "example":
                LocScaleMpi.Succeed("example", _program.File("example"));
                job = ["-hm", _program.File("example/half1.mrc"), _program.File("example/half2.mrc"), "-mc", _program.File("example/model.pdb"), "--measure_bfactors"];
                break;
            case "vp6":
                job = ["-hm", SharedData.Path("data/vp6/half1.mrc"), SharedData.Path("data/vp6/half2.mrc"), "-mc", Model("data/vp6")];
                break;
            default:
                job =
                [
                    "-hm", SharedData.Path("reference/synthetic_96/half1.mrc"), SharedData.Path("reference/synthetic_96/half2.mrc"),
                    "-mc", Model("reference/partial_96/models"), "--complete_model",
                ];
                break;
        }
        string name = data + ".mrc";
        LocScaleMpi.Succeed([.. job, "-o", _program.File(name), "-np", "2", "--print_report"]);
        return _reports[data] = _program.File(data + "_report.html");

        static string Model(string folder) => Directory.EnumerateFiles(SharedData.Path(folder), "*.pdb").Order(StringComparer.Ordinal).First();
    }

    private JsonElement Inspect(string report, bool hasGraphics, out string console, string window = "--window-size=1100,1400", string script = Inspection)
    {
        string page = Path.ChangeExtension(report, ".inspected.html"), profile = _program.EmptyFolder("profile");
        // First of all scripts, so that no complaint is missed.
        File.WriteAllText(page, File.ReadAllText(report).Replace("</head>", script + "</head>", StringComparison.Ordinal));
        string[] graphics = hasGraphics ? ["--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"] : ["--disable-gpu", "--disable-3d-apis"];
        ProgramRun run = ProgramRun.Alone("chromium",
        [
            "--headless", "--no-sandbox", "--disable-dev-shm-usage", "--disable-background-networking", "--no-first-run", $"--user-data-dir={profile}",
            "--enable-logging=stderr", "--v=0", "--virtual-time-budget=90000", window, .. graphics, "--dump-dom", $"file://{page}",
        ]);
        console = string.Join('\n', run.Error.Split('\n').Where(line => line.Contains("CONSOLE", StringComparison.Ordinal)
            // The browser's own remark on drawing in software.
            && !line.Contains("GPU stall due to ReadPixels", StringComparison.Ordinal)));
        Match result = Regex.Match(run.Output, "<title>RESULT(.*?)END</title>", RegexOptions.Singleline);
        Assert.That(result.Success, Is.True, run.Error + run.Output[..Math.Min(2000, run.Output.Length)]);
        return JsonDocument.Parse(System.Net.WebUtility.HtmlDecode(result.Groups[1].Value)).RootElement;
    }
}
