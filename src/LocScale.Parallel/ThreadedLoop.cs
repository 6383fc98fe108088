using System.Runtime.ExceptionServices;

namespace LocScale.Parallel;

/// <summary>
/// The one parallel loop of the program: steps that do not depend on each other, shared out among threads. Which thread
/// takes which step changes nothing, so that sums belong into places of their own, added up afterwards in order.
/// </summary>
public static class ThreadedLoop
{
    /// <summary>Runs all steps. A failure of any ends the loop and is thrown as it is.</summary>
    /// <param name="count">The number of steps.</param>
    /// <param name="threads">The number of threads, this one included.</param>
    /// <param name="step">Takes one step.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is not a single thread.</exception>
    public static void Run(int count, int threads, Action<int> step)
    {
        ArgumentNullException.ThrowIfNull(step);
        Share(count, threads, next =>
        {
            for (int i = next(); i < count; i = next())
                step(i);
        });
    }

    /// <summary>Runs all steps, each thread with scratch memory of its own.</summary>
    /// <typeparam name="TScratch">What one thread works with.</typeparam>
    /// <param name="count">The number of steps.</param>
    /// <param name="threads">The number of threads, this one included.</param>
    /// <param name="makeScratch">Makes the scratch memory of one thread, where it has a step to take.</param>
    /// <param name="step">Takes one step.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is not a single thread.</exception>
    public static void Run<TScratch>(int count, int threads, Func<TScratch> makeScratch, Action<int, TScratch> step)
        where TScratch : IDisposable
    {
        ArgumentNullException.ThrowIfNull(makeScratch);
        ArgumentNullException.ThrowIfNull(step);
        Share(count, threads, next =>
        {
            int i = next();
            if (i >= count)
                return;
            using TScratch scratch = makeScratch();
            for (; i < count; i = next())
                step(i, scratch);
        });
    }

    private static void Share(int count, int threads, Action<Func<int>> work)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        int taken = -1;
        int helpers = Math.Min(threads, count);
        if (helpers <= 1)
        {
            work(() => ++taken);
            return;
        }
        ExceptionDispatchInfo? failure = null;
        System.Threading.Tasks.Parallel.For(0, helpers, new ParallelOptions { MaxDegreeOfParallelism = helpers }, _ =>
        {
            try
            {
                work(() => Interlocked.Increment(ref taken));
            }
#pragma warning disable CA1031 // Whatever happens on another thread is thrown on the one that called.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                Interlocked.CompareExchange(ref failure, ExceptionDispatchInfo.Capture(exception), null);
                Interlocked.Exchange(ref taken, count);
            }
        });
        failure?.Throw();
    }
}
