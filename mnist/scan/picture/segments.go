package picture

import (
	"bufio"
	"encoding/binary"
	"io"
)

// The markers of a JPEG file that matter here.
const (
	baseline    = 0xc0 // the frame: size and components
	extended    = 0xc1
	progressive = 0xc2
	startOfFile = 0xd8
	startOfScan = 0xda // the segments before the pixels end here
	exifSegment = 0xe1
	adobe       = 0xee // says how colours are meant
)

// segments are what the segments at the start of a JPEG file tell.
type segments struct {
	orientation orientation // upright if no EXIF data says another one that makes sense
	cost        int         // bytes that decoding takes for each pixel, 0 if not known
}

func readSegments(r io.Reader) segments {
	s := segments{orientation: upright}
	var frame []byte
	isProgressive, isRGB := false, false
	forEachSegment(r, func(marker byte, segment []byte) {
		switch marker {
		case baseline, extended, progressive:
			frame, isProgressive = segment, marker == progressive
		case adobe:
			isRGB = isRGB || len(segment) >= 12 && segment[11] == 0
		case exifSegment:
			if s.orientation == upright {
				s.orientation = exifOrientation(segment)
			}
		}
	})
	s.cost = frameCost(frame, isProgressive, isRGB)
	return s
}

// forEachSegment calls visit with the segments before the pixels of a JPEG file.
func forEachSegment(r io.Reader, visit func(marker byte, segment []byte)) {
	b := bufio.NewReader(r)
	for {
		if c, err := b.ReadByte(); err != nil {
			return
		} else if c != 0xff {
			continue
		}
		marker, err := b.ReadByte()
		for marker == 0xff && err == nil { // padding
			marker, err = b.ReadByte()
		}
		if err != nil || marker == startOfScan {
			return
		}
		if marker == startOfFile {
			continue
		}
		var length [2]byte
		if _, err := io.ReadFull(b, length[:]); err != nil {
			return
		}
		segment := make([]byte, max(int(binary.BigEndian.Uint16(length[:]))-len(length), 0))
		if _, err := io.ReadFull(b, segment); err != nil {
			return
		}
		visit(marker, segment)
	}
}

// frameCost is the bytes that decoding takes for each pixel of a frame, rounded up:
// one for each value of a component, and four for its coefficient if the frame is
// progressive. Four components, and red, green and blue, are copied at the end, to
// four bytes.
func frameCost(frame []byte, isProgressive, isRGB bool) int {
	const start = 6 // of the components, 3 bytes each: name, factors of 4 bits, table
	if len(frame) < start {
		return 0
	}
	most, values, names := 1, 0, ""
	for c := frame[start:]; len(c) >= 3; c = c[3:] {
		n := int(c[1]>>4) * int(c[1]&15)
		most, values, names = max(most, n), values+n, names+string(rune(c[0]))
	}
	each := 1
	if isProgressive {
		each += 4
	}
	cost := (each*values + most - 1) / most
	if len(names) == 4 || isRGB || names == "RGB" {
		cost += 4
	}
	return cost
}
