package io.trainyard.api.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.CRC32;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GzipMembersTest {
  private static byte[] gzip(byte[] bytes) throws IOException {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(packed)) {
      out.write(bytes);
    }
    return packed.toByteArray();
  }

  private static byte[] joined(byte[]... parts) throws IOException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.write(part);
    }
    return all.toByteArray();
  }

  private static byte[] random(int count) {
    byte[] bytes = new byte[count];
    new Random(count).nextBytes(bytes);
    return bytes;
  }

  private static byte[] unpacked(byte[] packed) throws IOException {
    try (InputStream in = new GzipMembers(new ByteArrayInputStream(packed))) {
      return in.readAllBytes();
    }
  }

  /** Members end before, at and behind the edges of the buffer. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 100, 8100, 8160, 8169, 8170, 8174, 8190, 8192, 8200, 100_000})
  void membersFollowEachOther(int count) throws IOException {
    byte[] bytes = random(count);
    byte[] member = gzip(bytes);
    assertThat(unpacked(member)).isEqualTo(bytes);
    assertThat(unpacked(joined(member, member, gzip(new byte[0]), member)))
        .isEqualTo(joined(bytes, bytes, bytes));
    for (int more = 1; more <= 30; more++) {
      byte[] with = Arrays.copyOf(member, member.length + more);
      assertThatThrownBy(() -> unpacked(with))
          .as("%d zeros behind it", more)
          .isInstanceOf(ZipException.class)
          .hasMessage("other bytes follow its last member");
    }
    for (int cut : new int[] {1, 7, 8, 9, 15, member.length - 1, member.length}) {
      assertThatThrownBy(() -> unpacked(Arrays.copyOf(member, member.length - cut)))
          .as("%d bytes of it are missing", cut)
          .isInstanceOf(EOFException.class);
    }
    for (int last : new int[] {1, 8}) {
      byte[] changed = member.clone();
      changed[member.length - last] ^= 1;
      assertThatThrownBy(() -> unpacked(changed)).isInstanceOf(ZipException.class);
    }
  }

  /** A name, a comment, extra bytes and a checksum of the head. */
  @Test
  void headMayHaveAllThatItCan() throws IOException {
    byte[] plain = gzip("rows".getBytes(StandardCharsets.US_ASCII));
    byte[] head = {
      0x1f, (byte) 0x8b, 8, 2 | 4 | 8 | 16, 1, 2, 3, 4, 0, 3, 2, 0, 7, 7, 'n', 0, 'c', 'd', 0
    };
    CRC32 checksum = new CRC32();
    checksum.update(head);
    int sum = (int) checksum.getValue();
    byte[] rest = Arrays.copyOfRange(plain, 10, plain.length);
    byte[] full = joined(head, new byte[] {(byte) sum, (byte) (sum >> 8)}, rest);
    assertThat(unpacked(full)).asString().isEqualTo("rows");
    byte[] wrong = joined(head, new byte[] {(byte) ~sum, (byte) (sum >> 8)}, rest);
    assertThatThrownBy(() -> unpacked(wrong)).isInstanceOf(ZipException.class);
  }
}
