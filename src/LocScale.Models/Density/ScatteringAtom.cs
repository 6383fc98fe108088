using LocScale.Models.Atoms;

namespace LocScale.Models.Density;

/// <summary>One atom as the density sees it, 48 bytes.</summary>
/// <param name="Position">Where it is, Å from the centre of voxel (0, 0, 0) of the map.</param>
/// <param name="Element">The element, one that scatters.</param>
/// <param name="Occupancy">The occupancy.</param>
/// <param name="BIso">The isotropic B-factor, Å².</param>
/// <param name="AnisotropicIndex">
/// The index in <see cref="ScatteringModel.Anisotropic"/>, or −1; a tensor takes the place of <paramref name="BIso"/>.
/// </param>
public readonly record struct ScatteringAtom(
    Position Position, Element Element, double Occupancy, float BIso, int AnisotropicIndex = -1);
