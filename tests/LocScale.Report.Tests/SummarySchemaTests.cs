using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Text.Json;
using System.Xml.Linq;
using LocScale.Tests;

namespace LocScale.Report.Tests;

/// <summary>The published schema of the summary is that of its records, described by their documentation.</summary>
public class SummarySchemaTests
{
    private static readonly string SchemaFile = Path.Combine(Repository.Folder, "docs", "summary.schema.json");

    [Test]
    public void The_published_schema_is_that_of_the_records() => Assert.That(
        File.ReadAllText(SchemaFile), Is.EqualTo(Schema()),
        "run the test Write_the_schema, look at what has changed, and raise RunSummary.CurrentVersion");

    [Test]
    [Explicit("Writes docs/summary.schema.json.")]
    public void Write_the_schema() => File.WriteAllText(SchemaFile, Schema());

    [Test]
    public void Every_member_is_described()
    {
        int described = 0;
        Visit(JsonNode.Parse(Schema())!);
        Assert.That(described, Is.GreaterThan(100));

        void Visit(JsonNode node)
        {
            if (node is JsonArray items)
            {
                foreach (JsonNode? item in items)
                    Visit(item!);
            }
            if (node is not JsonObject members)
                return;
            if (members["properties"] is JsonObject properties)
            {
                foreach ((string name, JsonNode? property) in properties)
                {
                    Assert.That(property!["description"]?.GetValue<string>(), Is.Not.Null.And.Not.Empty, name);
                    described++;
                }
            }
            foreach (JsonNode? child in members.Select(member => member.Value).Where(child => child is JsonObject or JsonArray))
                Visit(child!);
        }
    }

    [Test]
    public void Figures_have_six_digits_and_what_is_not_finite_is_null()
    {
        string json = JsonSerializer.Serialize(new[] { 1 / 3.0, 123456789, -1.23456789e-9, 0, double.NaN, double.PositiveInfinity }, SummaryFile.Json);
        Assert.That(json.Replace("\n", "", StringComparison.Ordinal).Replace(" ", "", StringComparison.Ordinal),
            Is.EqualTo("[0.333333,123456789,-1.23457E-09,0,null,null]"));
    }

    private static string Schema()
    {
        Dictionary<(Type, string), string> words = Documentation();
        JsonSchemaExporterOptions how = new()
        {
            TreatNullObliviousAsNonNullable = true,
            TransformSchemaNode = (context, node) =>
            {
                if (context.TypeInfo.Type == typeof(double))
                    node = new JsonObject { ["type"] = new JsonArray("number", "null") };
                if (context.TypeInfo.Type == typeof(double?))
                    node = new JsonObject { ["type"] = new JsonArray("number", "null") };
                if (node is JsonObject schema && context.PropertyInfo is { } property
                    && words.TryGetValue((property.DeclaringType, property.Name.Replace("_", "", StringComparison.Ordinal)), out string? text))
                    schema.Insert(0, "description", text);
                return node;
            },
        };
        JsonObject exported = SummaryFile.Json.GetJsonSchemaAsNode(typeof(RunSummary), how).AsObject();
        exported.Insert(0, "$schema", "https://json-schema.org/draft/2020-12/schema");
        exported.Insert(1, "title", $"The summary of a run of locscale-mpi, version {RunSummary.CurrentVersion}");
        return exported.ToJsonString(SummaryFile.Json) + "\n";
    }

    /// <summary>What is said of each parameter of a record, by the record and the parameter's name in lower case.</summary>
    private static Dictionary<(Type Record, string Name), string> Documentation()
    {
        string file = Path.ChangeExtension(typeof(RunSummary).Assembly.Location, "xml");
        Dictionary<(Type, string), string> words = [];
        foreach (XElement member in XDocument.Load(file).Descendants("member"))
        {
            string name = member.Attribute("name")!.Value;
            if (!name.StartsWith("T:", StringComparison.Ordinal) || typeof(RunSummary).Assembly.GetType(name[2..]) is not Type record)
                continue;
            foreach (XElement parameter in member.Elements("param"))
                words[(record, parameter.Attribute("name")!.Value.ToLowerInvariant())] = string.Join(' ', parameter.Value.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        }
        return words;
    }
}
