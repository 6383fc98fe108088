namespace LocScale.Parallel;

/// <summary>Some elements in a row, of a buffer that ranks exchange.</summary>
/// <param name="First">The first of them.</param>
/// <param name="Count">How many.</param>
public readonly record struct TeamBlock(int First, int Count);
