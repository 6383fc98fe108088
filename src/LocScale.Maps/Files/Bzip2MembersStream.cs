using ICSharpCode.SharpZipLib.BZip2;

namespace LocScale.Maps.Files;

/// <summary>
/// Unpacks bzip2 files of one or more members, one after the other, as parallel packers write them; SharpZipLib ends
/// after the first.
/// </summary>
internal sealed class Bzip2MembersStream(Stream packed) : Stream
{
    private BZip2InputStream? member;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(byte[] buffer, int offset, int count)
    {
        while (count > 0 && (member is not null || packed.Position < packed.Length))
        {
            member ??= new BZip2InputStream(packed) { IsStreamOwner = false };
            int read = member.Read(buffer, offset, count);
            if (read > 0)
                return read;
            member.Dispose();
            member = null;
        }
        return 0;
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            member?.Dispose();
            packed.Dispose();
        }
        base.Dispose(disposing);
    }
}
