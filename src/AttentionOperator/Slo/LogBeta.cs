namespace AttentionOperator.Slo;

/// <summary>Beta functions in natural logarithms, where the values themselves would underflow.</summary>
internal static class LogBeta
{
    private const int MaxTerms = 10_000;
    private const double Tiny = 1e-300;
    private const double Precision = 1e-15;

    /// <summary>ln Γ(x), x &gt; 0: Stirling's series after shifting x above 10 (Abramowitz and Stegun 6.1.41).</summary>
    public static double LogGamma(double x)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(x);
        var shift = 0.0;
        while (x < 10)
        {
            shift -= Math.Log(x);
            x++;
        }

        var inverse = 1 / x;
        var square = inverse * inverse;
        var series = inverse * ((1.0 / 12) - (square * ((1.0 / 360) - (square * ((1.0 / 1260) - (square * ((1.0 / 1680) - (square * (1.0 / 1188)))))))));
        return shift + ((x - 0.5) * Math.Log(x)) - x + (0.5 * Math.Log(2 * Math.PI)) + series;
    }

    /// <summary>ln B(a, b).</summary>
    public static double Complete(double a, double b) => LogGamma(a) + LogGamma(b) - LogGamma(a + b);

    /// <summary>ln I_x(a, b), the logarithm of the regularized incomplete beta function; x in (0, 1).</summary>
    public static double LogLowerTail(double x, double a, double b) => x < (a + 1) / (a + b + 2)
        ? LogTail(x, a, b)
        : LogComplement(LogTail(1 - x, b, a));

    /// <summary>ln (1 − I_x(a, b)).</summary>
    public static double LogUpperTail(double x, double a, double b) => LogLowerTail(1 - x, b, a);

    /// <summary>ln(1 − e^y), y ≤ 0.</summary>
    private static double LogComplement(double y) => y > -Math.Log(2) ? Math.Log(-Expm1(y)) : Log1p(-Math.Exp(y));

    private static double Expm1(double y) => Math.Abs(y) < 1e-5 ? y + (y * y / 2) + (y * y * y / 6) : Math.Exp(y) - 1;

    private static double Log1p(double y) => Math.Abs(y) < 1e-5 ? y - (y * y / 2) + (y * y * y / 3) : Math.Log(1 + y);

    private static double LogTail(double x, double a, double b) =>
        (a * Math.Log(x)) + (b * Log1p(-x)) - Complete(a, b) - Math.Log(a) + Math.Log(ContinuedFraction(x, a, b));

    /// <summary>The continued fraction of the incomplete beta function by Lentz's method (Numerical Recipes, 3rd ed., 6.4).</summary>
    private static double ContinuedFraction(double x, double a, double b)
    {
        var c = 1.0;
        var d = 1 / NotZero(1 - ((a + b) * x / (a + 1)));
        var h = d;
        for (var m = 1; m <= MaxTerms; m++)
        {
            var even = m * (b - m) * x / ((a + (2 * m) - 1) * (a + (2 * m)));
            d = 1 / NotZero(1 + (even * d));
            c = NotZero(1 + (even / c));
            h *= d * c;
            var odd = -(a + m) * (a + b + m) * x / ((a + (2 * m)) * (a + (2 * m) + 1));
            d = 1 / NotZero(1 + (odd * d));
            c = NotZero(1 + (odd / c));
            var delta = d * c;
            h *= delta;
            if (Math.Abs(delta - 1) < Precision) break;
        }

        return h;
    }

    private static double NotZero(double value) => Math.Abs(value) < Tiny ? Tiny : value;
}
