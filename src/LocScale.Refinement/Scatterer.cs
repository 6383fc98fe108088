using LocScale.Models.Atoms;

namespace LocScale.Refinement;

/// <summary>An atom that scatters.</summary>
/// <param name="Position">Where, Å.</param>
/// <param name="FormFactor">How.</param>
/// <param name="Occupancy">How much of it.</param>
/// <param name="Parameter">Which of the refined B-factors is its.</param>
internal readonly record struct Scatterer(
    Position Position, ElectronFormFactor FormFactor, double Occupancy, int Parameter);
