using LocScale.Maps.Masks;
using LocScale.Models.Atoms;
using LocScale.Models.Density;
using LocScale.Parallel;

namespace LocScale.Models.Tests.Density;

public class UnmodelledDensityTests
{
    private const double VoxelSize = 1.5, Radius = 3.5;
    private static readonly GridSize Size = new(46, 30, 28);

    // Two balls of density, one around the only chain with atoms.
    private static readonly Position Modelled = new(18, 21, 21), Bare = new(48, 21, 21);

    [Test]
    public void Density_without_atoms_is_measured_and_placed()
    {
        UnmodelledDensity found = Find(Balls(10, 9));
        double ball = 4.0 / 3 * Math.PI * Math.Pow(9, 3);
        Assert.That(found.Volume, Is.EqualTo(ball).Within(0.03 * ball));
        Assert.That(found.Share, Is.EqualTo(1 / (1 + Math.Pow(10 / 9.0, 3))).Within(0.01));
        Assert.That(found.Pieces, Has.Count.EqualTo(1));
        Assert.That((found.Pieces[0].Centre - Bare).Length, Is.LessThan(0.3));
        Assert.That(found.Pieces[0].NearestChain, Is.EqualTo("B"));
        Assert.That(found.Pieces[0].Distance, Is.EqualTo(22).Within(0.5));
        // 100 is the position of voxel (0, 0, 0).
        Assert.That(found.Sentence(new Position(100, 0, 0)), Does.Match("42 % of the density, 3,0.. Å³ or 2.4 kDa of protein, has no atoms within 6.5 Å \\(3,0.. Å³ around \\(148, 21, 21\\) Å, 22 Å from chain B\\)"));
    }

    [Test]
    public void Density_that_lies_around_the_model_like_a_skin_is_none()
    {
        // All atoms lie within 8 Å of the centre: the skin is 5 Å thick.
        Assert.That(Find(Balls(13, 0)).Volume, Is.Zero);
    }

    [Test]
    public void Pieces_that_are_small_do_not_count() => Assert.That(Find(Balls(10, 4), least: 100).Volume, Is.Zero);

    /// <summary>A model map instead of atoms: what lies farther from its density than a skin.</summary>
    [TestCase(10, 9, 1)]
    [TestCase(12, 0, 0)]
    public void Density_that_a_model_map_lacks_is_measured_and_placed(double modelled, double bare, int pieces)
    {
        UnmodelledDensity found = UnmodelledDensity.OfMap(Balls(modelled, bare), Balls(10, 0), VoxelSize, least: 20);
        double ball = 4.0 / 3 * Math.PI * Math.Pow(bare, 3);
        Assert.That(found.Volume, Is.EqualTo(ball).Within(0.03 * ball));
        Assert.That(found.Pieces, Has.Count.EqualTo(pieces));
        if (pieces == 0)
            return;
        Assert.That((found.Pieces[0].Centre - Bare).Length, Is.LessThan(0.3));
        Assert.That(found.Pieces[0].Distance, Is.EqualTo(20.5).Within(0.8));
        Assert.That(found.Sentence(default), Does.Match("has no density of it within 3 Å \\(3,0.. Å³ around \\(48, 21, 21\\) Å, (20|21) Å from its density\\)"));
    }

    private static UnmodelledDensity Find(VoxelMask density, long least = 20)
    {
        List<Atom> atoms = [];
        for (int z = -8; z <= 8; z += 2)
        {
            for (int y = -8; y <= 8; y += 2)
            {
                for (int x = -8; x <= 8; x += 2)
                {
                    Position place = Modelled + new Position(x, y, z);
                    if (place.SquaredDistance(Modelled) <= 64)
                        atoms.Add(new Atom(place, Element.Carbon, 1, 20, "CA", x > 0 ? 1 : 0, 1));
                }
            }
        }
        AtomicModel model = new() { Atoms = [.. atoms], Residues = [new Residue("ALA", "A", 1, '\0'), new Residue("ALA", "B", 1, '\0')] };
        return UnmodelledDensity.Of(density, ScatteringModel.From(model, default), model, VoxelSize, Radius, least);
    }

    private static VoxelMask Balls(double modelled, double bare)
    {
        byte[] values = new byte[Size.Count];
        for (int i = 0; i < values.Length; i++)
        {
            Position place = VoxelSize * new Position(i % Size.NX, i / Size.NX % Size.NY, i / (Size.NX * Size.NY));
            bool isInside = place.SquaredDistance(Modelled) <= modelled * modelled || place.SquaredDistance(Bare) < bare * bare;
            values[i] = isInside ? (byte)1 : (byte)0;
        }
        return new VoxelMask(Size, values);
    }
}
