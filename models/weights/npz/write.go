package npz

import (
	"archive/zip"
	"encoding/binary"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/pkg/errors"
)

// Named is an array to write.
type Named struct {
	Name string
	Array
}

// Write writes arrays as numpy.savez does, without compression; each must have the
// bytes that its shape and type need. Equal arrays have equal bytes.
func Write(w io.Writer, arrays []Named) error {
	z := zip.NewWriter(w)
	for _, a := range arrays {
		entry, err := z.CreateHeader(&zip.FileHeader{Name: a.Name + suffix, Method: zip.Store, Modified: time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)})
		if err == nil {
			_, err = entry.Write(append(a.header(), a.Data...))
		}
		if err != nil {
			return errors.Wrapf(err, "array %q", a.Name)
		}
	}
	return errors.WithStack(z.Close())
}

// header is what a file of version 1 has before the values. With it they start at
// a multiple of 64 bytes.
func (a Array) header() []byte {
	shape := strings.Trim(strings.ReplaceAll(fmt.Sprint(a.Shape), " ", ", "), "[]")
	if len(a.Shape) == 1 {
		shape += ","
	}
	text := fmt.Sprintf("{'descr': '%s', 'fortran_order': False, 'shape': (%s), }", a.Type, shape)
	start := len(magic) + len("\x01\x00") + 2
	text += strings.Repeat(" ", 63-(start+len(text))%64) + "\n"
	return append(binary.LittleEndian.AppendUint16([]byte(magic+"\x01\x00"), uint16(len(text))), text...)
}
