using FsCheck;
using FsCheck.Fluent;
using LocScale.Maps.Files;
using LocScale.Tests;

namespace LocScale.Maps.Tests.Files;

/// <summary>Whatever happens to a file, it is read or refused with a sentence, and without much memory.</summary>
public class MrcFuzzTests
{
    // Above what the blocks of the reader and the unpackers take for files this small.
    private const long AllocationLimit = 24 << 20;

    private static readonly byte[] Plain = new SyntheticMrc { ExtendedHeader = new byte[80], Axes = [2, 3, 1] }.ToBytes();

    private static readonly Dictionary<string, byte[]> Files = new()
    {
        ["plain"] = Plain,
        ["big_endian"] = new SyntheticMrc { IsBigEndian = true, Mode = 1 }.ToBytes(),
        ["gzip"] = MrcReaderTests.Gzip(Plain),
        ["bzip2"] = MrcReaderTests.Bzip2(Plain),
    };

    private static IEnumerable<string> Names => Files.Keys;

    /// <summary>Changes of a file: bytes of the header (mostly) replaced, the end cut off.</summary>
    public sealed record Damage((int Place, byte Value)[] Bytes, int? Length);

    private static Arbitrary<Damage> Damages(int length)
    {
        // Small values at the low bytes of words are what other programs write wrongly.
        Gen<int> places = Gen.Frequency(
            (6, Gen.Choose(0, Math.Min(length, 224) - 1)),
            (1, Gen.Choose(0, length - 1)));
        Gen<byte> values = Gen.OneOf(
            Gen.Choose(0, 255).Select(value => (byte)value),
            Gen.Elements<byte>(0, 1, 2, 3, 0x7f, 0x80, 0xff));
        Gen<(int, byte)> change = places.SelectMany(place => values.Select(value => (place, value)));
        Gen<int?> cut = Gen.Frequency(
            (4, Gen.Constant((int?)null)),
            (1, Gen.Choose(0, length).Select(cutLength => (int?)cutLength)));
        return Gen.Choose(0, 8)
            .SelectMany(count => Gen.ArrayOf(change, count))
            .SelectMany(bytes => cut.Select(cutLength => new Damage(bytes, cutLength)))
            .ToArbitrary();
    }

    [Test]
    [Category("Long")]
    public void A_damaged_file_is_read_or_refused([ValueSource(nameof(Names))] string name) =>
        CheckDamaged(name, 1_000);

    [Test]
    [Category("Long")]
    [Category("Exhaustive")]
    public void Twenty_thousand_damaged_archives_are_read_or_refused([Values("gzip", "bzip2")] string name) =>
        CheckDamaged(name, 20_000);

    private static void CheckDamaged(string name, int mutants)
    {
        byte[] whole = Files[name];
        using TemporaryFolder folder = new();
        string path = folder.File("map.mrc");
        int read = 0, refused = 0;
        Prop.ForAll(Damages(whole.Length), damage =>
        {
            byte[] bytes = [.. whole];
            foreach ((int place, byte value) in damage.Bytes)
                bytes[place] = value;
            File.WriteAllBytes(path, bytes[..(damage.Length ?? bytes.Length)]);
            long before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                DensityMap map = MrcReader.Read(path);
                Assert.That(Array.TrueForAll(map.Values, float.IsFinite), Is.True);
                read++;
            }
            catch (InputException refusal)
            {
                Assert.That(refusal.Message, Does.Contain(path).And.EndWith("."));
                refused++;
            }
            Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(AllocationLimit));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(mutants).WithReplay(20140, 20141));
        TestContext.Out.WriteLine($"{read} read, {refused} refused");
        Assert.That(read, Is.GreaterThan(mutants / 100));
        Assert.That(refused, Is.GreaterThan(mutants / 10));
    }
}
