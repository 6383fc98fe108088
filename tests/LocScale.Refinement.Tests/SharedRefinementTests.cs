using FFTW.NET;
using LocScale.Maps;
using LocScale.Models.Atoms;
using LocScale.Parallel;
using LocScale.Tests;

namespace LocScale.Refinement.Tests;

/// <summary>Whoever has which part of the box, the refinement is the same to the last bit.</summary>
public class SharedRefinementTests
{
    private static readonly int[] TeamSizes = [2, 3, 5, 8];

    private static readonly BFactorRefinementOptions FewCycles = new() { Resolution = 3.4, MaximumCycles = 4 };

    private readonly SimulatedParticle _particle = new(5);
    private readonly Dictionary<bool, BFactorRefinementResult> _alone = [];
    private readonly Dictionary<(double Resolution, bool Halves), (float[] Map, float[] Noise)> _whitenedAlone = [];
    private DensityMap _half1 = null!, _half2 = null!;

    [OneTimeSetUp]
    public void Simulate()
    {
        (_half1, _half2) = _particle.HalfMaps(3.2);
        _alone[true] = Alone.Refine(_particle.Model, _half1, _half2, FewCycles);
        _alone[false] = Alone.Refine(_particle.Model, _half1, FewCycles);
    }

    [Test]
    public void Density_is_spread_with_the_same_bits_on_any_number_of_ranks([ValueSource(nameof(TeamSizes))] int ranks)
    {
        (RefinementBox box, Scatterer[] atoms, double[] b) = Lattice();
        Assert.That(Spread(ranks, 2), Is.EqualTo(Spread(1, 1)));

        float[] Spread(int count, int threads) => [.. ThreadTeam.Run(count, team =>
        {
            using BoxTransform transform = new(box.Size, team, threads);
            using AlignedArray<float> density = transform.NewReal(), nearest = transform.NewReal();
            DensitySpreading spreading = new(box, atoms, transform, threads);
            spreading.Spread(b, 5, density);
            spreading.NearestSquared(5, atoms.Length, nearest);
            return density.AsSpan().ToArray().Zip(nearest.AsSpan().ToArray());
        }).SelectMany(part => part).SelectMany(pair => new[] { pair.First, pair.Second })];
    }

    [Test]
    public void Spread_density_is_that_of_a_plain_sum_over_the_atoms([Values(1, 5)] int ranks)
    {
        (RefinementBox box, Scatterer[] atoms, double[] b) = Lattice();
        (float Value, int Place)[][] parts = ThreadTeam.Run(ranks, team =>
        {
            using BoxTransform transform = new(box.Size, team, 1);
            using AlignedArray<float> density = transform.NewReal();
            new DensitySpreading(box, atoms, transform, 1).Spread(b, 0, density);
            return Enumerable.Range(0, (int)density.Length)
                .Select(i => (density[i], (int)(transform.FirstPlane * transform.RealPlane) + i)).ToArray();
        });
        int stride = BoxTransform.RealStrideOf(box.Size);
        double largest = parts.SelectMany(part => part).Max(voxel => voxel.Value);
        foreach ((float value, int place) in parts.SelectMany(part => part))
        {
            (int x, int y, int z) = (place % stride, place / stride % box.Size.NY, place / stride / box.Size.NY);
            if (x >= box.Size.NX || (x + y + z) % 7 != 0)
                continue;
            double expected = 0;
            foreach (Scatterer atom in atoms)
            {
                Position c = box.ToVoxels(atom.Position);
                double square = Math.Pow((x - c.X) * box.VoxelX, 2) + Math.Pow((y - c.Y) * box.VoxelY, 2)
                    + Math.Pow((z - c.Z) * box.VoxelZ, 2);
                for (int i = 0; i < ElectronFormFactor.GaussianCount; i++)
                {
                    double width = atom.FormFactor.Widths[i] + b[atom.Parameter];
                    expected += atom.Occupancy * atom.FormFactor.Amplitudes[i] * Math.Pow(4 * Math.PI / width, 1.5)
                        * Math.Exp(-4 * Math.PI * Math.PI * square / width);
                }
            }
            Assert.That(value, Is.EqualTo(expected).Within(1e-3 * largest));
        }
    }

    [Test]
    public void Gathered_sums_are_the_same_on_any_number_of_ranks_even_where_an_atom_reaches_beyond_the_neighbours(
        [ValueSource(nameof(TeamSizes))] int ranks)
    {
        (RefinementBox box, Scatterer[] atoms, double[] b) = Lattice();
        (double[] first, double[] second) = Gather(1, 1)[0];
        foreach ((double[] First, double[] Second) rank in Gather(ranks, 2))
            Assert.That((rank.First, rank.Second), Is.EqualTo((first, second)));
        Assert.That(first, Has.None.Zero);

        (double[] First, double[] Second)[] Gather(int count, int threads) => ThreadTeam.Run(count, team =>
        {
            using BoxTransform transform = new(box.Size, team, threads);
            using AlignedArray<float> map1 = transform.NewReal(), map2 = transform.NewReal();
            for (int i = 0; i < map1.Length; i++)
            {
                double place = (transform.FirstPlane * transform.RealPlane) + i;
                (map1[i], map2[i]) = ((float)Math.Sin(place), (float)Math.Cos(place * 0.7));
            }
            double[] sums1 = new double[b.Length], sums2 = new double[b.Length];
            new DensityGathering(box, atoms, transform, team, threads).Gather(b, 5, map1, map2, sums1, sums2);
            return (sums1, sums2);
        });
    }

    [Test]
    [Category("Long")]
    public void Whitened_maps_are_the_same_on_any_number_of_ranks(
        [ValueSource(nameof(TeamSizes))] int ranks, [Values(2.5, 3.2, 4.3)] double resolution, [Values] bool halves)
    {
        // At some of the resolutions the map is resampled, and in all of them the box is smaller than the map.
        if (!_whitenedAlone.ContainsKey((resolution, halves)))
            _whitenedAlone[(resolution, halves)] = Whiten(1);
        (float[] map, float[] noise) = _whitenedAlone[(resolution, halves)];
        (float[] Map, float[] Noise) found = Whiten(ranks);
        Assert.That(found.Map, Is.EqualTo(map));
        Assert.That(found.Noise, Is.EqualTo(noise));
        Assert.That(noise, Has.Length.EqualTo(halves ? map.Length : 0));

        (float[] Map, float[] Noise) Whiten(int count)
        {
            (float[] Map, float[] Noise)[] parts = ThreadTeam.Run(count, team =>
            {
                using WhitenedData data = WhitenedData.From(
                    Maps(team.Rank, halves), RefinedAtoms.From(OneEnd(), [], default).Positions, resolution, team, 2);
                return (data.Map.AsSpan().ToArray(), data.Noise is null ? [] : data.Noise.AsSpan().ToArray());
            });
            return ([.. parts.SelectMany(p => p.Map)], [.. parts.SelectMany(p => p.Noise)]);
        }
    }

    [Test]
    public void Refined_B_factors_are_the_same_on_any_number_of_ranks_and_threads(
        [ValueSource(nameof(TeamSizes))] int ranks, [Values] bool halves)
    {
        int threads = 1 + (ranks % 2);
        BFactorRefinementResult alone = _alone[halves];
        BFactorRefinementResult[] results = ThreadTeam.Run(ranks, team => BFactorRefinement.Refine(
            _particle.Model, Maps(team.Rank, halves), FewCycles with { Threads = threads }, team));
        foreach (BFactorRefinementResult result in results)
        {
            Assert.That(result.BFactors, Is.EqualTo(alone.BFactors));
            Assert.That(result.Scale, Is.EqualTo(alone.Scale));
            Assert.That(
                result.Cycles.Select(c => c with { Seconds = 0 }), Is.EqualTo(alone.Cycles.Select(c => c with { Seconds = 0 })));
        }
    }

    [Test]
    [Category("Long")]
    public void Atoms_beyond_a_block_of_the_curvature_are_shared_with_the_same_bits()
    {
        // Three particles in one another's place make more parameters than one block holds.
        Atom[] atoms = [.. Enumerable.Range(0, 3).SelectMany(copy => _particle.Model.Atoms.Select(atom => atom with
        {
            Occupancy = 1.0 / 3,
            Position = atom.Position with { X = atom.Position.X + (0.1 * copy) },
        }))];
        AtomicModel model = new() { Atoms = atoms };
        BFactorRefinementOptions options = new() { Resolution = 3.4, MaximumCycles = 2 };
        double[] alone = Alone.Refine(model, _half1, _half2, options).BFactors;
        foreach (int ranks in (int[])[3, 8])
        {
            foreach (BFactorRefinementResult result in ThreadTeam.Run(
                ranks, team => BFactorRefinement.Refine(model, Maps(team.Rank, true), options, team)))
                Assert.That(result.BFactors, Is.EqualTo(alone), $"{ranks} ranks");
        }
    }

    [Test]
    [Category("Long")]
    public void Symmetric_particles_are_refined_with_the_same_bits()
    {
        SymmetricParticle particle = new("C4", 21);
        (DensityMap half1, DensityMap half2) = particle.HalfMaps(3.3, 6);
        // A subunit and a half, the rest to be added.
        AtomicModel two = particle.Subunits(0, 1);
        AtomicModel model = two with { Atoms = two.Atoms[..(3 * particle.Unit.Atoms.Length / 2)] };
        BFactorRefinementOptions options = new() { Resolution = 3.3, MaximumCycles = 3, Copies = particle.Motions };
        double[] alone = Alone.Refine(model, half1, half2, options).BFactors;
        RefinementMaps maps = Alone.Maps(half1, half2);
        RefinementMaps grid = new(maps.Size, maps.VoxelSize, maps.FirstVoxel, maps.HasHalves, maps.Unit);
        foreach (int ranks in (int[])[2, 5])
        {
            foreach (BFactorRefinementResult result in ThreadTeam.Run(
                ranks, team => BFactorRefinement.Refine(model, team.Rank == 0 ? maps : grid, options, team)))
                Assert.That(result.BFactors, Is.EqualTo(alone), $"{ranks} ranks");
        }
    }

    [Test]
    public void A_model_that_does_not_fit_fails_on_all_ranks()
    {
        AtomicModel model = new()
        {
            Atoms = Array.ConvertAll(_particle.Model.Atoms, atom => atom with
            {
                Position = new Position(61.6 - atom.Position.Z, atom.Position.X, atom.Position.Y),
            }),
        };
        string[] messages = ThreadTeam.Run(3, team =>
            Assert.Throws<InputException>(() => BFactorRefinement.Refine(
                model, Maps(team.Rank, true), new BFactorRefinementOptions { Resolution = 3.4 }, team))!.Message);
        Assert.That(messages, Is.All.EqualTo(messages[0]).And.All.Contains("does not fit"));
    }

    private RefinementMaps Maps(int rank, bool halves)
    {
        RefinementMaps maps = halves ? Alone.Maps(_half1, _half2) : RefinementMaps.Of(_half1);
        return rank == 0 ? maps : new RefinementMaps(maps.Size, maps.VoxelSize, maps.FirstVoxel, maps.HasHalves, maps.Unit);
    }

    private AtomicModel OneEnd() =>
        new() { Atoms = [.. _particle.Model.Atoms.Where(a => a.Position is { Z: < 25, X: < 35 })] };

    /// <summary>A flat box of odd size, so that atoms reach over many ranks' planes, and its atoms.</summary>
    private static (RefinementBox Box, Scatterer[] Atoms, double[] B) Lattice()
    {
        RefinementBox box = new(new GridSize(33, 27, 19), 0.9, 1.0, 1.1, new Position(-3, 2, 5));
        Random random = new(2);
        Element[] elements = [Element.Carbon, Element.Nitrogen, Element.Oxygen, Element.FromSymbol("Zn")];
        Scatterer[] atoms = new Scatterer[150];
        for (int i = 0; i < atoms.Length; i++)
        {
            ElectronFormFactors.TryGet(elements[i % elements.Length], out ElectronFormFactor? formFactor);
            Position place = new(
                -3 + (29 * random.NextDouble()), 2 + (26 * random.NextDouble()), 5 + (20.4 * random.NextDouble()));
            atoms[i] = new Scatterer(place, formFactor!, 0.5 + (0.5 * random.NextDouble()), i % 100);
        }
        return (box, atoms, [.. Enumerable.Range(0, 100).Select(i => i % 10 == 0 ? 400.0 : 20 + i)]);
    }
}
