package tensorboardtest

import "testing"

// TestMaskedBitwise holds the test's own checksum to the value that RFC 3720,
// section B.4, has for 32 zero bytes.
func TestMaskedBitwise(t *testing.T) {
	crc := maskedBitwise(make([]byte, 32)) - 0xa282ead8
	if got := crc>>17 | crc<<15; got != 0x8a9136aa {
		t.Errorf("got %08x, want 8a9136aa", got)
	}
}
