// Package tensorboard writes event files, from which TensorBoard draws curves.
// A log folder has a folder for each curve of a chart, here called a run. A run
// has event files, which TensorBoard reads in the order of their names.
package tensorboard

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/pkg/errors"
	"google.golang.org/protobuf/encoding/protowire"
)

// Scalar is the value of a chart at one step.
type Scalar struct {
	Tag   string // of the chart, such as epoch_loss
	Value float32
}

// Writer writes one event file into the folder Dir of a run. The first event
// makes the file, and the folder if it is missing.
type Writer struct {
	Dir  string
	file *os.File
	size int64 // bytes of the events that are whole in file
}

// Add adds an event: values of charts at a step. When Add returns, the file has
// the whole event, or nothing of it if that is an error.
func (w *Writer) Add(step int64, at time.Time, scalars ...Scalar) error {
	if w.file == nil {
		if err := w.open(at); err != nil {
			return err
		}
	}
	return w.write(record(event(step, at, scalars)))
}

// Close closes the file, if there is one.
func (w *Writer) Close() error {
	if w.file == nil {
		return nil
	}
	return errors.WithStack(w.file.Close())
}

// open makes the file and writes its first event, the version of the format.
func (w *Writer) open(at time.Time) error {
	if err := os.MkdirAll(w.Dir, 0o777); err != nil {
		return errors.WithStack(err)
	}
	names, err := eventFiles(w.Dir)
	if err != nil {
		return err
	}
	w.file, err = os.OpenFile(filepath.Join(w.Dir, name(at, names)), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		w.file = nil
		return errors.WithStack(err)
	}
	if err := w.write(record(version(at))); err != nil {
		w.file.Close()
		os.Remove(w.file.Name())
		w.file = nil // the next Add tries again
		return err
	}
	return nil
}

func (w *Writer) write(record []byte) error {
	if _, err := w.file.WriteAt(record, w.size); err != nil {
		w.file.Truncate(w.size) // to a reader, half a record is damage
		return errors.WithStack(err)
	}
	w.size += int64(len(record))
	return nil
}

// Check returns an error if a Writer could not write into dir: a file is in the
// way, or the folder cannot be written or made. It leaves no file there.
func Check(dir string) error {
	for {
		info, err := os.Stat(dir)
		if err == nil && !info.IsDir() {
			return errors.Errorf("%s is a file, want a folder", dir)
		}
		if err == nil {
			break
		}
		_, notLink := os.Lstat(dir) // a link to nothing is in the way too
		if missing := errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR); !missing || notLink == nil {
			return errors.WithStack(err)
		}
		dir = filepath.Dir(dir) // the folder to make it in
	}
	f, err := os.CreateTemp(dir, ".tmp-")
	if err != nil {
		return errors.Wrapf(errors.Unwrap(err), "%s cannot be written", dir) // without the file's name
	}
	f.Close()
	return errors.WithStack(os.Remove(f.Name()))
}

// prefix is how the name of every event file starts; seconds since 1970 follow.
const prefix = "events.out.tfevents."

// name returns the name of a new file that is read after all that are there,
// even if the clock was set back or two runs start in one second.
func name(at time.Time, there []string) string {
	seconds := at.Unix()
	for _, n := range there {
		digits, _, _ := strings.Cut(strings.TrimPrefix(n, prefix), ".")
		if s, err := strconv.ParseInt(digits, 10, 64); err == nil {
			seconds = max(seconds, s+1)
		}
	}
	host, err := os.Hostname()
	if err != nil {
		host = "localhost"
	}
	return fmt.Sprintf("%s%010d.%s.%d", prefix, seconds, host, os.Getpid())
}

// eventFiles returns the names of the event files in a folder, which may be
// missing.
func eventFiles(dir string) (names []string, err error) {
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, errors.WithStack(err)
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), prefix) {
			names = append(names, e.Name())
		}
	}
	return names, nil
}

// Used reports whether the folder of a run has event files.
func Used(dir string) (bool, error) {
	names, err := eventFiles(dir)
	return len(names) > 0, err
}

// The fields of the messages Event, Summary and Summary.Value in TensorFlow's
// event.proto and summary.proto.
const (
	eventWallTime    = 1 // double, seconds since 1970
	eventStep        = 2 // int64
	eventFileVersion = 3 // string
	eventSummary     = 5 // Summary
	summaryValue     = 1 // repeated Value
	valueTag         = 1 // string
	valueSimple      = 2 // float
)

// version is the first event of a file.
func version(at time.Time) []byte {
	b := wallTime(at)
	b = protowire.AppendTag(b, eventFileVersion, protowire.BytesType)
	return protowire.AppendString(b, "brain.Event:2")
}

func event(step int64, at time.Time, scalars []Scalar) []byte {
	var summary []byte
	for _, s := range scalars {
		v := protowire.AppendTag(nil, valueTag, protowire.BytesType)
		v = protowire.AppendString(v, s.Tag)
		v = protowire.AppendTag(v, valueSimple, protowire.Fixed32Type)
		v = protowire.AppendFixed32(v, math.Float32bits(s.Value))
		summary = protowire.AppendTag(summary, summaryValue, protowire.BytesType)
		summary = protowire.AppendBytes(summary, v)
	}
	b := wallTime(at)
	b = protowire.AppendTag(b, eventStep, protowire.VarintType)
	b = protowire.AppendVarint(b, uint64(step))
	b = protowire.AppendTag(b, eventSummary, protowire.BytesType)
	return protowire.AppendBytes(b, summary)
}

// wallTime is the start of an event: its first field.
func wallTime(at time.Time) []byte {
	b := protowire.AppendTag(nil, eventWallTime, protowire.Fixed64Type)
	return protowire.AppendFixed64(b, math.Float64bits(float64(at.UnixMicro())/1e6))
}

// record frames data as a TFRecord: the length of data and its checksum, then
// data and its checksum.
func record(data []byte) []byte {
	b := binary.LittleEndian.AppendUint64(nil, uint64(len(data)))
	b = binary.LittleEndian.AppendUint32(b, masked(b))
	b = append(b, data...)
	return binary.LittleEndian.AppendUint32(b, masked(data))
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// masked returns the checksum of a TFRecord: a CRC, changed because the CRC of
// data that contains CRCs says little.
func masked(b []byte) uint32 {
	crc := crc32.Checksum(b, castagnoli)
	return (crc>>15 | crc<<17) + 0xa282ead8
}
