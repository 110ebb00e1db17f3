package mnist

import (
	"encoding/binary"
	"io"

	"github.com/pkg/errors"
)

// MaxCount is the largest number of images or labels that one file may have; a file that promises more is refused.
// It leaves room for larger sets of digits (EMNIST has 280,000) and bounds what a small compressed file can expand to.
const MaxCount = 1 << 19

const (
	imageMagic = 0x803 // unsigned bytes, 3 dimensions
	labelMagic = 0x801 // unsigned bytes, 1 dimension
)

// Memory is firstChunk bytes before any data is seen, and grows by this factor when data has filled it. 4 leaves less
// garbage than 2 would: the 47 MB of the training images take 69 MB in all, at most 64 MB of them at a time.
const (
	firstChunk = 64 << 10
	growth     = 4
)

// ReadImages returns the pixels of an IDX file of images, (N, 28, 28) with N from 1 to [MaxCount]; 0 is background,
// 255 is ink. It reads r to its end; data that starts like a gzip stream is decompressed.
//
// An error tells the first thing that is wrong: the magic number, the image size, the count, an image that is cut short
// (its number, from 1, of how many), anything after the last image, or damage that gzip's checksum reveals.
func ReadImages(r io.Reader) ([]uint8, error) {
	r, err := openIDX(r, imageMagic)
	if err != nil {
		return nil, err
	}
	var header struct{ Count, Rows, Cols uint32 }
	if err := readHeader(r, &header); err != nil {
		return nil, err
	}
	if header.Rows != Rows || header.Cols != Cols {
		return nil, errors.Errorf("image size: got %dx%d, want %dx%d", header.Rows, header.Cols, Rows, Cols)
	}
	return readItems(r, "image", header.Count, Rows*Cols)
}

// ReadLabels returns the labels of an IDX file of labels, (N) with N from 1 to [MaxCount], each 0 to 9. It reads r to
// its end; data that starts like a gzip stream is decompressed. Its errors are those of [ReadImages], and one for a
// label over 9 (its number, from 1, of how many).
func ReadLabels(r io.Reader) ([]uint8, error) {
	r, err := openIDX(r, labelMagic)
	if err != nil {
		return nil, err
	}
	var count uint32
	if err := readHeader(r, &count); err != nil {
		return nil, err
	}
	labels, err := readItems(r, "label", count, 1)
	if err != nil {
		return nil, err
	}
	for i, label := range labels {
		if label >= Classes {
			return nil, errors.Errorf("label %d of %d: got %d, want 0 to %d", i+1, count, label, Classes-1)
		}
	}
	return labels, nil
}

// openIDX returns r decompressed and past its magic number. That is read before the rest of the header, whose length
// depends on it.
func openIDX(r io.Reader, want uint32) (io.Reader, error) {
	r, err := decompress(r)
	if err != nil {
		return nil, err
	}
	var got uint32
	if err := readHeader(r, &got); err != nil {
		return nil, err
	}
	if got != want {
		return nil, errors.Errorf("magic number: got 0x%08x, want 0x%08x", got, want)
	}
	return r, nil
}

// readHeader fills the uint32s of fields from r.
func readHeader(r io.Reader, fields any) error {
	err := binary.Read(r, binary.BigEndian, fields)
	return errors.Wrap(noEOF(err), "header")
}

// readItems returns the count entries of size bytes that follow the header of r, and fails if they are not followed by
// the end of r. Item is what errors call one entry.
func readItems(r io.Reader, item string, count uint32, size int) ([]uint8, error) {
	if count == 0 || count > MaxCount {
		return nil, errors.Errorf("%s count: got %d, want 1 to %d", item, count, MaxCount)
	}
	var data []uint8
	for total := int(count) * size; len(data) < total; {
		grown := make([]uint8, min(total, max(firstChunk, growth*len(data))))
		n := copy(grown, data)
		m, err := io.ReadFull(r, grown[n:])
		if err != nil {
			return nil, errors.Wrapf(noEOF(err), "%s %d of %d", item, (n+m)/size+1, count)
		}
		data = grown
	}

	// Only the read past the last entry makes gzip compare its checksum.
	var after [1]byte
	_, err := io.ReadFull(r, after[:])
	if err == nil {
		return nil, errors.Errorf("after %s %d of %d: got more data, want the end", item, count, count)
	}
	if err != io.EOF {
		return nil, errors.Wrapf(err, "after %s %d of %d", item, count, count)
	}
	return data, nil
}

// noEOF returns err, but io.ErrUnexpectedEOF for io.EOF: where more must follow, the end is an error.
func noEOF(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}
