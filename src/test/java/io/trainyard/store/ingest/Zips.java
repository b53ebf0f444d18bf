package io.trainyard.store.ingest;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** Builds ZIP files, also those that no program would write. */
final class Zips {
  private final ByteArrayOutputStream data = new ByteArrayOutputStream();
  private final List<byte[]> headers = new ArrayList<>();
  private int claimed = -1;

  static byte[] of(Map<String, byte[]> files) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(out)) {
      for (Map.Entry<String, byte[]> file : files.entrySet()) {
        zip.putNextEntry(new ZipEntry(file.getKey()));
        zip.write(file.getValue());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }

  Zips deflated(String name, byte[] content) {
    return entry(name, 0, 8, deflate(content), content.length);
  }

  Zips stored(String name, byte[] content) {
    return entry(name, 0, 0, content, content.length);
  }

  /** An entry with any flags, method and declared size. */
  Zips entry(String name, int flags, int method, byte[] compressed, int size) {
    int at = data.size();
    byte[] utf8 = name.getBytes(StandardCharsets.UTF_8);
    data.writeBytes(header(false, flags, method, compressed.length, size, utf8, 0));
    data.writeBytes(compressed);
    return listed(name, flags, method, compressed.length, size, at);
  }

  /** A directory entry alone, for data at a position. */
  Zips listed(String name, int flags, int method, int compressed, int size, int at) {
    byte[] utf8 = name.getBytes(StandardCharsets.UTF_8);
    headers.add(header(true, flags, method, compressed, size, utf8, at));
    return this;
  }

  /** Writes another number of entries than there are. */
  Zips claiming(int entries) {
    claimed = entries;
    return this;
  }

  byte[] bytes() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(data.toByteArray());
    headers.forEach(out::writeBytes);
    int entries = claimed >= 0 ? claimed : headers.size();
    int directory = out.size() - data.size();
    boolean large = entries >= 0xffff;
    if (large) {
      int at = out.size();
      out.writeBytes(
          little(56)
              .putInt(0x06064b50)
              .putLong(44)
              .putInt(45 << 16 | 45)
              .putLong(0)
              .putLong(entries)
              .putLong(entries)
              .putLong(directory)
              .putLong(data.size())
              .array());
      out.writeBytes(little(20).putInt(0x07064b50).putInt(0).putLong(at).putInt(1).array());
    }
    short count = (short) (large ? 0xffff : entries);
    out.writeBytes(
        little(22)
            .putInt(0x06054b50)
            .putInt(0)
            .putShort(count)
            .putShort(count)
            .putInt(directory)
            .putInt(data.size())
            .array());
    return out.toByteArray();
  }

  private static byte[] header(
      boolean inDirectory, int flags, int method, int compressed, int size, byte[] name, int at) {
    byte[] bytes = new byte[(inDirectory ? 46 : 30) + name.length];
    ByteBuffer header = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    header.putInt(inDirectory ? 0x02014b50 : 0x04034b50);
    if (inDirectory) {
      header.putShort((short) 20);
    }
    header.putShort((short) 20).putShort((short) flags).putShort((short) method);
    header.putInt(0).putInt(0).putInt(compressed).putInt(size);
    header.putShort((short) name.length).putShort((short) 0);
    if (inDirectory) {
      header.putShort((short) 0).putShort((short) 0).putShort((short) 0).putInt(0).putInt(at);
    }
    header.put(name);
    return bytes;
  }

  private static ByteBuffer little(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  static byte[] deflate(byte[] content) {
    try (Deflater deflater = new Deflater(9, true)) {
      deflater.setInput(content);
      deflater.finish();
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      byte[] buffer = new byte[1 << 14];
      while (!deflater.finished()) {
        out.write(buffer, 0, deflater.deflate(buffer));
      }
      return out.toByteArray();
    }
  }
}
