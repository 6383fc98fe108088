namespace LocScale.Parallel;

/// <summary>A function of the spatial frequency, tabulated on equal steps of s² and interpolated; 0 beyond its end.</summary>
public sealed class RadialTable
{
    private const int Steps = 1 << 14;
    private readonly float[] _values = new float[Steps + 2];
    private readonly float _perSquare;
    private readonly float _last;

    /// <summary>Tabulates <paramref name="function"/> of s, 1/Å, from 0 to <paramref name="maximum"/>.</summary>
    public RadialTable(double maximum, Func<double, double> function)
    {
        _perSquare = (float)(Steps / (maximum * maximum));
        for (int i = 0; i <= Steps; i++)
            _values[i] = (float)function(maximum * Math.Sqrt((double)i / Steps));
        _last = Steps;
    }

    /// <summary>The function at s².</summary>
    public float At(float squaredFrequency)
    {
        float place = squaredFrequency * _perSquare;
        if (place >= _last)
            return 0;
        int index = (int)place;
        return _values[index] + ((place - index) * (_values[index + 1] - _values[index]));
    }
}
