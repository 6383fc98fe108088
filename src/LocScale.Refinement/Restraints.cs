using LocScale.Models.Atoms;
using LocScale.Parallel;

namespace LocScale.Refinement;

/// <summary>
/// The prior of the B-factors: atoms that hang together move alike. With u = √B it is −ln prior = ½ λ (Σ w (uᵢ − uⱼ)² +
/// ε Σ (uᵢ − ū)²), the first sum over pairs of neighbours, ū the mean. w is <see cref="PairRestraint.Weight"/>,
/// λ <see cref="RestraintStrength"/>. Every rank has some of the atoms.
/// </summary>
internal sealed class Restraints
{
    // ε: ties an atom without neighbours loosely to the mean, ten times looser than a bond.
    private const double Tie = 0.01;

    private readonly AtomNeighbors _neighbors;
    private readonly BlockedSums _blocks;
    private readonly double[] _curvature;

    /// <param name="neighbors">The pairs of neighbours and their weights.</param>
    /// <param name="blocks">Which of the atoms are this rank's.</param>
    /// <param name="count">The number of atoms.</param>
    public Restraints(AtomNeighbors neighbors, BlockedSums blocks, int count)
    {
        _neighbors = neighbors;
        _blocks = blocks;
        _curvature = new double[count];
        MultiplyContacts(1);
    }

    /// <summary>
    /// The second derivatives of the restraints for λ = 1 by each u alone, known for this rank's atoms; that by two
    /// neighbours is −w.
    /// </summary>
    public ReadOnlySpan<double> Curvature => _curvature;

    /// <summary>Multiplies the weights of contacts.</summary>
    public void MultiplyContacts(double factor)
    {
        _neighbors.MultiplyContacts(factor);
        for (int i = _blocks.First; i < _blocks.End; i++)
        {
            _curvature[i] = Tie;
            for (int e = _neighbors.Start[i]; e < _neighbors.Start[i + 1]; e++)
                _curvature[i] += _neighbors.Restraint[e];
        }
    }

    /// <summary>The gradient of the restraints for λ = 1; returns their value, Σ w (uᵢ − uⱼ)² + ε Σ (uᵢ − ū)².</summary>
    /// <param name="rootB">u of each atom, Å.</param>
    /// <param name="mean">ū, Å.</param>
    /// <param name="gradient">The gradient, on all ranks.</param>
    public double Evaluate(double[] rootB, double mean, double[] gradient)
    {
        double value = _blocks.Sum((first, end) =>
        {
            double sum = 0;
            for (int i = first; i < end; i++)
            {
                double slope = Tie * (rootB[i] - mean);
                sum += slope * (rootB[i] - mean);
                for (int e = _neighbors.Start[i]; e < _neighbors.Start[i + 1]; e++)
                {
                    double difference = rootB[i] - rootB[_neighbors.Column[e]];
                    slope += _neighbors.Restraint[e] * difference;
                    sum += 0.5 * _neighbors.Restraint[e] * difference * difference;
                }
                gradient[i] = slope;
            }
            return sum;
        });
        _blocks.Complete(gradient);
        return value;
    }
}

/// <summary>
/// How alike two neighbours move: the weight w of their restraint, 1 for a bond, less for 1–3 pairs and least for contacts,
/// which alone hold what has no bond: waters and ions. Bonds are told by distance and element.
/// </summary>
internal sealed class PairRestraint
{
    // Atoms up to this distance share a restraint, Å.
    private const double Range = 4.2;

    // 1–3 pairs lie up to this distance apart, Å; those across a metal ion lie further.
    private const double AngleRange = 3.1;

    // No bond between atoms other than metals is longer, Å.
    private const double BondRange = 3.2;

    // What a bond may be longer than the sum of the radii, Å.
    private const double BondTolerance = 0.4;

    // The weights of a 1–3 pair and of a contact where that of a bond is 1: squared ratios of REFMAC's sigmas. Contacts
    // that weigh more make loops as rigid as what they lie on, and predict half maps that were not seen less well.
    private const double AngleWeight = 5.0 * 5.0 / (7.5 * 7.5), ContactWeight = 5.0 * 5.0 / (35.0 * 35.0);

    // The weight of a contact of atoms that have no other hold.
    private const double OnlyHold = 0.4;

    private const double MetalRadius = 1.3;

    // So many atoms are told at a time.
    private const int BlockLength = 512;

    // How far contacts correlate, Å: the weight falls as a Gaussian of this width.
    private const double ContactWidth = 1.7;

    private readonly RefinedAtoms _atoms;

    // Which of the refined atoms are bonded to another, both no metals.
    private readonly bool[] _isInMolecule;

    /// <param name="atoms">The atoms.</param>
    /// <param name="threads">How many threads tell bonds.</param>
    public PairRestraint(RefinedAtoms atoms, int threads)
    {
        _atoms = atoms;
        _isInMolecule = new bool[atoms.Count];
        SiteNeighbors near = new(atoms, BondRange);
        ThreadedLoop.Run((atoms.Count + BlockLength - 1) / BlockLength, threads, block =>
        {
            List<SiteNeighbor> scratch = [];
            for (int i = block * BlockLength; i < Math.Min((block + 1) * BlockLength, atoms.Count); i++)
            {
                foreach (SiteNeighbor neighbor in near.Of(i, scratch))
                    _isInMolecule[i] |= AreInMolecule(AtomOf(i), AtomOf(neighbor.Column), neighbor.Distance);
            }
        });
    }

    /// <summary>
    /// The weight of the restraint between an atom and one of its neighbours, and whether it is a contact of what bonds hold
    /// as well.
    /// </summary>
    /// <param name="atom">The atom.</param>
    /// <param name="neighbor">The neighbour.</param>
    /// <param name="around">All neighbours of the atom, through which it may be bound to this one.</param>
    public (double Weight, bool IsContact) Weight(int atom, SiteNeighbor neighbor, ReadOnlySpan<SiteNeighbor> around)
    {
        if (neighbor.Distance > Range)
            return (0, false);
        Atom first = AtomOf(atom), second = AtomOf(neighbor.Column);
        if (!AreTogether(first, second))
            return (0, false);
        if (AreBonded(first, second, neighbor.Distance))
            return (1, false);
        bool isHeld = _isInMolecule[atom] && _isInMolecule[neighbor.Column];
        double contact = (isHeld ? ContactWeight : OnlyHold)
            * Math.Exp(-neighbor.Distance * neighbor.Distance / (2 * ContactWidth * ContactWidth));
        if (neighbor.Distance > AngleRange)
            return (contact, isHeld);
        foreach (SiteNeighbor between in around)
        {
            if (between.Distance > AngleRange || between.Site == neighbor.Site)
                continue;
            Atom middle = AtomOf(between.Column);
            float rest = (float)Math.Sqrt(
                _atoms.Sites[between.Site].Position.SquaredDistance(_atoms.Sites[neighbor.Site].Position));
            if (AreBonded(first, middle, between.Distance) && AreBonded(middle, second, rest)
                && AreTogether(first, middle) && AreTogether(middle, second))
                return (Math.Max(AngleWeight, contact), false);
        }
        return (contact, isHeld);
    }

    private Atom AtomOf(int parameter) => _atoms.Model.Atoms[_atoms.AtomOf[parameter]];

    // Conformations know nothing of each other.
    private static bool AreTogether(Atom first, Atom second) =>
        first.AltLoc == second.AltLoc || first.AltLoc == '\0' || second.AltLoc == '\0';

    private static bool AreInMolecule(Atom first, Atom second, double distance) =>
        CovalentRadius(first.Element) is not null && CovalentRadius(second.Element) is not null
        && AreTogether(first, second) && AreBonded(first, second, distance);

    private static bool AreBonded(Atom first, Atom second, double distance)
    {
        double? radius = CovalentRadius(first.Element), other = CovalentRadius(second.Element);
        // Metals in a cluster are held by what lies between them.
        return (radius is not null || other is not null)
            && distance < (radius ?? MetalRadius) + (other ?? MetalRadius) + BondTolerance;
    }

    // Single-bond radii, Å (Cordero et al. 2008), rounded; null for metals. Alkali and alkaline earth ions are bound so
    // loosely that MetalRadius leaves most of them without a bond.
    private static double? CovalentRadius(Element element) => element.AtomicNumber switch
    {
        0 or 6 => 0.76,
        1 => 0.31,
        5 => 0.84,
        7 => 0.71,
        8 => 0.66,
        9 => 0.57,
        14 => 1.11,
        15 => 1.07,
        16 => 1.05,
        17 => 1.02,
        33 => 1.19,
        34 or 35 => 1.20,
        52 => 1.38,
        53 => 1.39,
        _ => null,
    };
}

/// <summary>
/// How strong the restraints are, told by the data: the λ that maximises the marginal likelihood, by the fixed point of
/// MacKay (1992), λ = γ / (uᵀ R u), with γ the number of parameters that the data determine and R the curvature of the
/// restraints for λ = 1.
/// </summary>
internal sealed class RestraintStrength
{
    // 10 Å² between bonded atoms at B = 40 Å².
    private const double Start = 1.6;

    // The limits of the standard deviation of √B between bonded atoms, Å. Looser restraints would fit what the model does
    // not explain.
    private const double TightestSigma = 0.15, LoosestSigma = 0.9;

    private double _before = Start;

    /// <summary>λ, 1/Å².</summary>
    public double Lambda { get; private set; } = Start;

    /// <summary>The standard deviation of √B between bonded atoms that λ stands for, Å.</summary>
    public double Sigma => 1 / Math.Sqrt(Lambda);

    /// <summary>Goes on to the next λ, at most three times up or down.</summary>
    /// <param name="determinedParameters">γ.</param>
    /// <param name="restraints">uᵀ R u.</param>
    public void Adapt(double determinedParameters, double restraints)
    {
        double ratio = determinedParameters / Math.Max(Lambda * restraints, 1e-9);
        // The fixed point is mostly approached from one side, slowly: overshooting by half is faster. Where that leads from
        // one side to the other and back, half of the step is enough.
        bool turnsBack = (ratio > 1 && Lambda < _before) || (ratio < 1 && Lambda > _before);
        double next = Lambda * Math.Clamp(Math.Pow(ratio, turnsBack ? 0.75 : 1.5), 1.0 / 3, 3);
        _before = Lambda;
        Lambda = Math.Clamp(next, 1 / (LoosestSigma * LoosestSigma), 1 / (TightestSigma * TightestSigma));
    }
}
