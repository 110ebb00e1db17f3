package idx

import (
	"bufio"
	"compress/gzip"
	"io"

	"github.com/pkg/errors"
)

// gzipMagic starts every gzip stream, and no IDX file: those start with two
// zeros.
const gzipMagic = "\x1f\x8b"

// decompress returns what r holds: decompressed if it starts with gzipMagic,
// else as it is.
func decompress(r io.Reader) (content *bufio.Reader, packed bool, err error) {
	src := bufio.NewReader(r)
	start, err := src.Peek(len(gzipMagic))
	if err != nil && err != io.EOF {
		return nil, false, errors.Wrap(err, "header")
	}
	if string(start) != gzipMagic {
		return src, false, nil
	}
	z, err := gzip.NewReader(src)
	if err != nil {
		return nil, false, errors.Wrap(err, "gzip header")
	}
	z.Multistream(false)
	return bufio.NewReader(&gunzip{src: src, z: z}), true, nil
}

// gunzip reads one gzip stream after another, as gzip.Reader does by itself, but
// tells apart what gzip.Reader reports alike: a stream that is cut short, and
// bytes after the last stream that start no other. Zeros up to the end are
// padding, as from a tape or a disk, and no error.
type gunzip struct {
	src *bufio.Reader
	z   *gzip.Reader
}

func (g *gunzip) Read(p []byte) (int, error) {
	for {
		n, err := g.z.Read(p)
		if err != io.EOF {
			return n, err
		}
		if n > 0 {
			return n, nil // the next Read meets the end again
		}
		next, err := g.src.Peek(len(gzipMagic))
		if err != nil && (err != io.EOF || len(next) == 0) {
			return 0, err
		}
		if string(next) != gzipMagic {
			if err := g.skipZeros(); err != nil {
				return 0, err // io.EOF too
			}
			return 0, errors.New("got more data after the gzip stream, want the end")
		}
		if err := g.z.Reset(g.src); err != nil {
			return 0, err
		}
		g.z.Multistream(false)
	}
}

// skipZeros skips the zeros that come next; io.EOF says that nothing else does.
func (g *gunzip) skipZeros() error {
	for {
		b, err := g.src.ReadByte()
		if b != 0 || err != nil {
			return err
		}
	}
}
