using LocScale.Models.Atoms;

namespace LocScale.Models.Tests.Atoms;

/// <summary>Searches against a walk through all positions.</summary>
public class CellListTests
{
    [TestCase(1, 0.4)]
    [TestCase(1, 2.5)]
    [TestCase(3, 6)]
    [TestCase(7, 1)]
    public void All_positions_within_a_radius_are_found_once(double edge, double radius)
    {
        Random random = new(5);
        Position[] positions = [.. Enumerable.Range(0, 2000).Select(_ => Somewhere(random))];
        CellList cells = new(edge);
        foreach (Position position in positions)
            cells.Add(position);
        for (int i = 0; i < 50; i++)
        {
            Position place = Somewhere(random);
            List<(int Number, double Square)> found = [];
            cells.ForEachWithin(place, radius, (number, square) => found.Add((number, square)));
            int[] expected = [.. Enumerable.Range(0, positions.Length)
                .Where(p => positions[p].SquaredDistance(place) <= radius * radius)];
            Assert.That(found.Select(f => f.Number), Is.EquivalentTo(expected));
            Assert.That(found.Select(f => f.Square), Is.EqualTo(found.Select(f => positions[f.Number].SquaredDistance(place))));
            int wanted = expected.Length > 0 ? expected[^1] : 0;
            Assert.That(cells.Find(place, radius, number => number == wanted), Is.EqualTo(expected.Length > 0 ? wanted : -1));
        }
    }

    [Test]
    public void A_position_at_the_very_radius_is_found()
    {
        CellList cells = new(3);
        cells.Add(new Position(6, 0, 0));
        cells.Add(new Position(-6, 0, 0));
        int count = 0;
        cells.ForEachWithin(default, 6, (_, _) => count++);
        Assert.That(count, Is.EqualTo(2));
    }

    [TestCase(double.NaN)]
    [TestCase(double.PositiveInfinity)]
    [TestCase(1e300)]
    public void Nothing_is_found_where_nothing_can_be(double coordinate)
    {
        CellList cells = new(1);
        cells.Add(default);
        Assert.That(cells.Find(new Position(0, coordinate, 0), 5, _ => true), Is.EqualTo(-1));
    }

    private static Position Somewhere(Random random) =>
        new(20 * random.NextDouble() - 10, 20 * random.NextDouble() - 10, 20 * random.NextDouble() - 10);
}
