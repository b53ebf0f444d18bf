package io.trainyard.access;

import java.net.InetAddress;
import java.util.Optional;

/**
 * All addresses that begin with the same bits.
 *
 * @param start an address of the range
 * @param bits how many of its bits all others share
 */
record AddressRange(InetAddress start, int bits) {
  /** Reads 10.1.2.3, 10.0.0.0/8, ::1 or fd00::/8; empty for anything else. No name is resolved. */
  static Optional<AddressRange> parse(String text) {
    int slash = text.indexOf('/');
    try {
      InetAddress start = InetAddress.ofLiteral(slash < 0 ? text : text.substring(0, slash));
      int most = start.getAddress().length * Byte.SIZE;
      int bits = slash < 0 ? most : Integer.parseInt(text.substring(slash + 1));
      return bits < 0 || bits > most
          ? Optional.empty()
          : Optional.of(new AddressRange(start, bits));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  boolean has(InetAddress address) {
    byte[] mine = start.getAddress();
    byte[] other = address.getAddress();
    if (mine.length != other.length) {
      return false;
    }
    for (int bit = 0; bit < bits; bit++) {
      int mask = 0x80 >> bit % Byte.SIZE;
      if (((mine[bit / Byte.SIZE] ^ other[bit / Byte.SIZE]) & mask) != 0) {
        return false;
      }
    }
    return true;
  }
}
