using System.Globalization;
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using MPI;

namespace LocScale.Mpi.Distribution;

/// <summary>A rank that has died, or has given no sign of life for too long; the message is a sentence for a person.</summary>
internal sealed class LostRankException(string message) : Exception(message);

/// <summary>
/// Signs of life between rank 0 and each other rank, beside MPI, which says nothing of a rank that was stopped, swapped out
/// or cut off, and waits for it. Each sends a byte a second over a TCP connection of its own, from a thread of its own, and
/// each ends the job when the other is silent for too long, or when the connection closes without a farewell. Where no
/// connection comes about there are no signs of life, which is told.
/// </summary>
/// <param name="longestSilence">Seconds after which a silent rank is given up; 0 watches for closed connections only.</param>
internal sealed class Heartbeat(int longestSilence) : IDisposable
{
    /// <summary>
    /// Before MPI has started there is nobody to give signs of life to; ranks then wait this many times longer for one
    /// another, since a queue does not start all of them at once.
    /// </summary>
    public const int StartFactor = 5;

    private const int ShortestSilenceAtFirst = 10;

    // A rank waits so many times as long for what another sends when it has waited itself.
    private const int AcquaintanceFactor = 3;
    private const byte Beat = 1;
    private const byte Farewell = 2;

    // The signal follows.
    private const byte Stopped = 3;
    private const int TokenLength = 16;
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestConnecting = TimeSpan.FromSeconds(10);

    private readonly List<Peer> _peers = [];
    private readonly ManualResetEventSlim _areAcquainted = new();
    private volatile bool _isOver;

    // What is sent to rank 0 when it is over, which may be before there is a connection.
    private byte[] _lastWord = [Farewell];

    /// <summary>How long MPI may take to start; null for ever.</summary>
    /// <param name="longestSilence">Seconds after which a silent rank is given up; 0 for never.</param>
    public static TimeSpan? LongestStart(int longestSilence) =>
        longestSilence == 0 ? null : TimeSpan.FromSeconds((double)StartFactor * longestSilence);

    /// <summary>Seconds for which ranks wait for each other's first words; 0 for ever. The first ones take longest.</summary>
    /// <param name="longestSilence">Seconds after which a silent rank is given up; 0 for never.</param>
    public static int LongestSilenceAtFirst(int longestSilence) =>
        longestSilence == 0 ? 0 : Math.Max(longestSilence, ShortestSilenceAtFirst);

    /// <summary>The ranks without a connection, on rank 0.</summary>
    public IReadOnlyList<int> Unreachable { get; private set; } = [];

    /// <summary>
    /// Gives the ranks, from now on, the time to introduce themselves and to connect. One that is stopped between the start of
    /// MPI and its first sign of life holds up the others within MPI, where they cannot count seconds themselves.
    /// </summary>
    /// <param name="ranks">All ranks.</param>
    public void Expect(Communicator ranks)
    {
        int patience = AcquaintanceFactor * LongestSilenceAtFirst(longestSilence);
        if (ranks.Size == 1 || patience == 0)
            return;
        new Thread(() =>
        {
            // A process that was stopped itself counts nothing meanwhile.
            for (int seconds = 0; !_areAcquainted.Wait(Interval);)
            {
                if (++seconds > patience)
                    throw new LostRankException($"The ranks have not heard of each other for {patience} s from the start: one was stopped, its node hangs, or the network between has failed (--silence).");
            }
        })
        { IsBackground = true, Name = "Acquaintance" }.Start();
    }

    /// <summary>
    /// Connects rank 0 with all others and watches from then on; called by every rank. A lost rank is thrown as
    /// <see cref="LostRankException"/> on a thread of its own, which ends the process, and with it the job; the signal that
    /// stopped another rank, on rank 0, as <see cref="SignalException"/>.
    /// </summary>
    /// <param name="ranks">All ranks.</param>
    /// <param name="identities">On rank 0 what all ranks are.</param>
    public void Start(Communicator ranks, IReadOnlyList<RankIdentity> identities)
    {
        if (ranks.Size == 1)
            return;
        if (ranks.Rank == 0)
            Accept(ranks, identities);
        else
            Connect(ranks);
        foreach (Peer peer in _peers)
            new Thread(() => Listen(peer)) { IsBackground = true, Name = "Signs of life, heard" }.Start();
        if (_peers.Count > 0)
            new Thread(Watch) { IsBackground = true, Name = "Signs of life, given" }.Start();
        if (ranks.Rank == 0)
            HearOfConnections(ranks, identities);
        _areAcquainted.Set();
    }

    /// <summary>Whether rank 0 has bidden farewell, and so has said what there is to say.</summary>
    public bool HasRankZeroLeft => _peers.Exists(peer => peer.Rank == 0 && peer.HasLeft);

    /// <summary>
    /// Bids farewell, so that the end of this rank, which is to follow, is no surprise to the others. What they send is still
    /// heard. May be called on any thread.
    /// </summary>
    public void Dispose() => Leave(null);

    /// <summary>
    /// Bids farewell as <see cref="Dispose"/> does; a signal that ends this rank ends rank 0 too, by this word: it has files
    /// to take away, and a launcher kills all ranks once one has ended.
    /// </summary>
    /// <param name="signal">The signal that ends this rank, if it is one.</param>
    public void Leave(PosixSignal? signal)
    {
        lock (_peers)
        {
            if (_isOver)
                return;
            if (signal is PosixSignal stop)
                _lastWord = [Stopped, (byte)stop];
            _isOver = true;
            foreach (Peer peer in _peers)
                BidFarewell(peer);
        }
        _areAcquainted.Set();
    }

    private void Add(Peer peer)
    {
        lock (_peers)
        {
            _peers.Add(peer);
            if (_isOver)
                BidFarewell(peer);
        }
    }

    private void BidFarewell(Peer peer) => Send(peer, peer.Rank == 0 ? _lastWord : [Farewell]);

    private void Accept(Communicator ranks, IReadOnlyList<RankIdentity> identities)
    {
        // Clusters often have IPv6 switched off.
        using Socket listener = Socket.OSSupportsIPv6
            ? new(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp) { DualMode = true }
            : new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(Socket.OSSupportsIPv6 ? IPAddress.IPv6Any : IPAddress.Any, 0));
        listener.Listen(ranks.Size);
        byte[] token = RandomNumberGenerator.GetBytes(TokenLength);
        string addresses = string.Join(
            ' ', [$"{((IPEndPoint)listener.LocalEndPoint!).Port}", Convert.ToHexString(token), .. OwnAddresses()]);
        byte[] invitation = Encoding.ASCII.GetBytes(addresses);
        for (int rank = 1; rank < ranks.Size; rank++)
            ranks.Send<byte>(invitation, rank, MessageTag.HeartbeatAddress);

        HashSet<int> missing = [.. Enumerable.Range(1, ranks.Size - 1)];
        // Those that are connected already hear nothing meanwhile.
        double patience = longestSilence == 0 ? LongestConnecting.TotalSeconds : Math.Min(LongestConnecting.TotalSeconds, longestSilence / 2.0);
        long deadline = System.Environment.TickCount64 + (long)(1000 * patience);
        while (missing.Count > 0 && System.Environment.TickCount64 < deadline)
        {
            if (!listener.Poll(TimeSpan.FromMilliseconds(100), SelectMode.SelectRead))
                continue;
            Socket socket = listener.Accept();
            socket.ReceiveTimeout = (int)LongestConnecting.TotalMilliseconds;
            byte[] greeting = new byte[TokenLength + sizeof(int)];
            int rank = ReadAll(socket, greeting) && CryptographicOperations.FixedTimeEquals(greeting.AsSpan(0, TokenLength), token)
                ? BitConverter.ToInt32(greeting, TokenLength) : 0;
            if (missing.Remove(rank))
                Add(new Peer(socket, rank, identities[rank].Host));
            else
                socket.Dispose();
        }
        Unreachable = [.. missing.Order()];
    }

    /// <summary>
    /// Waits until each rank has connected or found that it cannot: one that was stopped meanwhile is watched by nobody.
    /// </summary>
    private void HearOfConnections(Communicator ranks, IReadOnlyList<RankIdentity> identities)
    {
        int patience = 2 * LongestSilenceAtFirst(longestSilence);
        byte[] word = new byte[1];
        for (int rank = 1; rank < ranks.Size; rank++)
        {
            if (Handshake.Await(ranks, rank, MessageTag.HeartbeatAddress, patience) is null)
                throw new LostRankException($"Rank {rank} on {identities[rank].Host} has given no sign of life for {patience} s from the start (--silence).");
            ranks.Receive<byte>(rank, MessageTag.HeartbeatAddress, word);
        }
    }

    private void Connect(Communicator ranks)
    {
        TryToConnect(ranks);
        ranks.Send<byte>([Beat], 0, MessageTag.HeartbeatAddress);
    }

    private void TryToConnect(Communicator ranks)
    {
        // Rank 0 answers when it has heard all ranks, and ends the job itself where one stays silent.
        int patience = 2 * LongestSilenceAtFirst(longestSilence);
        Status status = Handshake.Await(ranks, 0, MessageTag.HeartbeatAddress, patience)
            ?? throw new LostRankException($"Rank 0 has given no sign of life for {patience} s from the start (--silence).");
        byte[] invitation = new byte[status.Count<byte>()];
        ranks.Receive<byte>(0, MessageTag.HeartbeatAddress, invitation);
        string[] words = Encoding.ASCII.GetString(invitation).Split(' ');
        int port = int.Parse(words[0], CultureInfo.InvariantCulture);
        byte[] greeting = [.. Convert.FromHexString(words[1]), .. BitConverter.GetBytes(ranks.Rank)];
        foreach (string address in words[3..])
        {
            IPAddress target = IPAddress.Parse(address);
            if (target.AddressFamily == AddressFamily.InterNetworkV6 && !Socket.OSSupportsIPv6)
                continue;
            Socket socket = new(target.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                using CancellationTokenSource tooLong = new(TimeSpan.FromSeconds(2));
                socket.ConnectAsync(new IPEndPoint(target, port), tooLong.Token).AsTask().Wait();
                socket.Send(greeting);
                Add(new Peer(socket, 0, words[2]));
                return;
            }
            catch (Exception exception) when (exception is AggregateException or SocketException)
            {
                socket.Dispose();
            }
        }
    }

    /// <summary>The name of this machine, and its addresses: that of the machine itself last, which all ranks on it reach.</summary>
    private static IEnumerable<string> OwnAddresses() =>
    [
        MPI.Environment.ProcessorName,
        .. NetworkInterface.GetAllNetworkInterfaces()
            .Where(card => card.OperationalStatus == OperationalStatus.Up)
            .SelectMany(card => card.GetIPProperties().UnicastAddresses)
            .Select(unicast => unicast.Address)
            .Where(address => !address.IsIPv6LinkLocal && !IPAddress.IsLoopback(address))
            .Select(address => address.ToString()),
        IPAddress.Loopback.ToString(),
    ];

    private void Listen(Peer peer)
    {
        peer.Socket.ReceiveTimeout = 0;
        byte[] beat = new byte[1];
        while (ReadAll(peer.Socket, beat))
        {
            if (beat[0] is Farewell or Stopped)
            {
                peer.HasLeft = true;
                // The signal may have come to all ranks, and this one be at its end already.
                if (beat[0] == Stopped && !_isOver && ReadAll(peer.Socket, beat))
                    throw new SignalException((PosixSignal)(sbyte)beat[0]);
                return;
            }
            peer.Silence = 0;
        }
        if (!_isOver && !peer.HasLeft)
            throw new LostRankException($"{Name(peer)} has ended without a word: it was killed, perhaps for want of memory, or its node has failed.");
    }

    /// <summary>
    /// Gives a sign of life a second, and counts the seconds since the last of each peer. A process that was stopped itself
    /// counts nothing meanwhile, so that a job that is suspended as a whole goes on afterwards.
    /// </summary>
    private void Watch()
    {
        while (!_isOver)
        {
            Thread.Sleep(Interval);
            foreach (Peer peer in _peers)
            {
                if (_isOver || peer.HasLeft)
                    continue;
                Send(peer, Beat);
                int silence = Interlocked.Increment(ref peer.Silence);
                if (longestSilence > 0 && silence > longestSilence)
                {
                    throw new LostRankException(
                        $"{Name(peer)} has given no sign of life for {longestSilence} s: it was stopped, its node hangs, or the network between has failed (--silence).");
                }
            }
        }
    }

    private static string Name(Peer peer) => $"Rank {peer.Rank} on {peer.Host}";

    private static bool ReadAll(Socket socket, Span<byte> bytes)
    {
        try
        {
            for (int read = 0; read < bytes.Length;)
            {
                int more = socket.Receive(bytes[read..]);
                if (more == 0)
                    return false;
                read += more;
            }
            return true;
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            return false;
        }
    }

    private static void Send(Peer peer, params ReadOnlySpan<byte> words)
    {
        try
        {
            peer.Socket.Send(words);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // The listening thread hears of it.
        }
    }

    private sealed class Peer(Socket socket, int rank, string host)
    {
        public int Silence;
        public volatile bool HasLeft;

        // A byte goes out at once, or not at all: a peer that takes none must not hold up the signs for the others.
        public Socket Socket { get; } = Prepared(socket);

        public int Rank { get; } = rank;

        public string Host { get; } = host;

        private static Socket Prepared(Socket socket)
        {
            socket.NoDelay = true;
            socket.SendTimeout = 100;
            return socket;
        }
    }
}
