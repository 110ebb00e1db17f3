package picture

import (
	"bytes"
	"encoding/binary"
)

// orientation is how a picture is to be turned, with EXIF's numbers: 1 not at all,
// 2 mirrored, 3 by 180 degrees, 4 upside down (mirrored by 180), 5 rows and columns
// swapped, 6 by 90 clockwise, 7 both of 3 and 5, 8 by 270 clockwise.
type orientation int

const upright orientation = 1

// swaps reports whether rows become columns.
func (o orientation) swaps() bool { return o >= 5 }

// turn returns an image of w x h pixels with c channels turned as o says, and its
// size.
func turn[T any](o orientation, image []T, w, h, c int) (turned []T, width, height int) {
	if o == upright {
		return image, w, h
	}
	width, height = w, h
	if o.swaps() {
		width, height = h, w
	}
	for y := range height {
		for x := range width {
			u, v := x, y // where the pixel comes from
			if o.swaps() {
				u, v = y, x
			}
			if o == 2 || o == 3 || o == 7 || o == 8 {
				u = w - 1 - u
			}
			if o == 3 || o == 4 || o == 6 || o == 7 {
				v = h - 1 - v
			}
			at := (v*w + u) * c
			turned = append(turned, image[at:at+c]...)
		}
	}
	return turned, width, height
}

// exifOrientation finds the orientation in an EXIF segment: six bytes, then a TIFF
// header, and where that says a directory of entries of 12 bytes: tag, type, count
// and value.
func exifOrientation(segment []byte) orientation {
	const (
		tag   = 0x112
		short = 3 // the type: 16 bits
	)
	if !bytes.HasPrefix(segment, []byte("Exif\x00\x00")) || len(segment) < 14 {
		return upright
	}
	tiff := segment[6:]
	var order binary.ByteOrder
	switch string(tiff[:2]) {
	case "II":
		order = binary.LittleEndian
	case "MM":
		order = binary.BigEndian
	default:
		return upright
	}
	at := int64(order.Uint32(tiff[4:]))
	if at+2 > int64(len(tiff)) {
		return upright
	}
	entries := tiff[at+2:]
	for range order.Uint16(tiff[at:]) {
		if len(entries) < 12 {
			break
		}
		if order.Uint16(entries) == tag && order.Uint16(entries[2:]) == short {
			if o := orientation(order.Uint16(entries[8:])); o >= 1 && o <= 8 {
				return o
			}
			break
		}
		entries = entries[12:]
	}
	return upright
}
