using System.Runtime.ExceptionServices;

namespace LocScale.Models;

/// <summary>A loop whose steps are taken by several threads, each with scratch memory of its own.</summary>
internal static class ThreadedLoop
{
    /// <summary>Runs all steps. A failure of any ends the loop and is thrown as it is.</summary>
    /// <typeparam name="TScratch">What one thread works with.</typeparam>
    /// <param name="count">The number of steps.</param>
    /// <param name="threads">The number of threads, this one included.</param>
    /// <param name="makeScratch">Makes the scratch memory of one thread.</param>
    /// <param name="step">Takes one step.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is not a single thread.</exception>
    public static void Run<TScratch>(int count, int threads, Func<TScratch> makeScratch, Action<int, TScratch> step)
        where TScratch : IDisposable
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        int next = -1;
        ExceptionDispatchInfo? failure = null;
        Thread[] others = new Thread[Math.Max(0, Math.Min(threads, count) - 1)];
        for (int i = 0; i < others.Length; i++)
        {
            others[i] = new Thread(Work) { IsBackground = true };
            others[i].Start();
        }
        Work();
        foreach (Thread thread in others)
            thread.Join();
        failure?.Throw();

        void Work()
        {
            try
            {
                if (count == 0)
                    return;
                using TScratch scratch = makeScratch();
                for (int i = Interlocked.Increment(ref next); i < count; i = Interlocked.Increment(ref next))
                    step(i, scratch);
            }
#pragma warning disable CA1031 // Whatever happens on another thread is thrown on the one that called.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                Interlocked.CompareExchange(ref failure, ExceptionDispatchInfo.Capture(exception), null);
                Interlocked.Exchange(ref next, count);
            }
        }
    }
}
