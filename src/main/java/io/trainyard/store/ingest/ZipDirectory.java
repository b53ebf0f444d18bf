package io.trainyard.store.ingest;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.zip.ZipException;

/**
 * Reads the directory at the end of a ZIP file, without inflating anything. The entries it gives
 * don't overlap and their names stay inside the folder they are unpacked to. Source: APPNOTE.TXT
 * 6.3.10 by PKWARE, sections 4.3 and 4.5.3.
 */
final class ZipDirectory {
  /** More than 200,000 names need. */
  private static final long MAX_BYTES = 64L << 20;

  private static final int END = 0x06054b50;
  private static final int END_64 = 0x06064b50;
  private static final int LOCATOR_64 = 0x07064b50;
  private static final int HEADER = 0x02014b50;
  private static final int END_BYTES = 22;
  private static final int LOCATOR_BYTES = 20;
  private static final int END_64_BYTES = 56;
  private static final int HEADER_BYTES = 46;
  private static final int MAX_COMMENT = 0xffff;
  private static final long LARGE = 0xffffffffL;
  private static final int ENCRYPTED = 1;
  private static final int STORED = 0;
  private static final int DEFLATED = 8;

  private final FileChannel file;
  private final int maxEntries;

  private ZipDirectory(FileChannel file, int maxEntries) {
    this.file = file;
    this.maxEntries = maxEntries;
  }

  /**
   * One file or folder of the archive.
   *
   * @param header the position of its local header
   * @param end the position that its data must not pass: the next entry or the directory
   */
  record Entry(String name, boolean deflated, long compressed, long bytes, long header, long end) {
    boolean isFolder() {
      return name.endsWith("/");
    }
  }

  /** Where the directory is. */
  private record Place(long entries, long at, long bytes, long shift) {}

  /**
   * The entries in the order of their data.
   *
   * @throws ZipException when the file is not a valid archive, or has too many entries
   */
  static List<Entry> read(FileChannel file, int maxEntries) throws IOException {
    ZipDirectory directory = new ZipDirectory(file, maxEntries);
    Place place = directory.place();
    return separate(directory.entries(place), place.at());
  }

  private Place place() throws IOException {
    int tail = (int) Math.min(file.size(), END_BYTES + MAX_COMMENT);
    long from = file.size() - tail;
    ByteBuffer last = bytes(file, from, tail);
    for (int at = tail - END_BYTES; at >= 0; at--) {
      if (last.getInt(at) == END && uint16(last, at + 20) == tail - at - END_BYTES) {
        return checked(place(last.slice(at, END_BYTES).order(ByteOrder.LITTLE_ENDIAN), from + at));
      }
    }
    throw new ZipException("it has no directory");
  }

  private Place place(ByteBuffer end, long endAt) throws IOException {
    long entries = uint16(end, 10);
    long size = uint32(end, 12);
    long offset = uint32(end, 16);
    if (endAt >= LOCATOR_BYTES && (entries == 0xffff || size == LARGE || offset == LARGE)) {
      ByteBuffer locator = bytes(file, endAt - LOCATOR_BYTES, LOCATOR_BYTES);
      if (locator.getInt(0) == LOCATOR_64) {
        return place64(locator.getLong(8));
      }
    }
    long at = endAt - size;
    return new Place(entries, at, size, at - offset);
  }

  private Place place64(long endAt) throws IOException {
    if (endAt < 0 || endAt > file.size() - END_64_BYTES) {
      throw new ZipException("the position of its directory is wrong");
    }
    ByteBuffer end = bytes(file, endAt, END_64_BYTES);
    if (end.getInt(0) != END_64) {
      throw new ZipException("the position of its directory is wrong");
    }
    return new Place(end.getLong(32), end.getLong(48), end.getLong(40), 0);
  }

  private Place checked(Place place) throws IOException {
    if (place.entries() > maxEntries) {
      throw new ZipException(
          "it has %d entries; at most %d are allowed (trainyard.datasets.archive.max-entries)"
              .formatted(place.entries(), maxEntries));
    }
    if (place.bytes() > MAX_BYTES) {
      throw new ZipException("its directory has more than " + MAX_BYTES + " bytes");
    }
    boolean fits =
        place.entries() >= 0
            && place.bytes() >= 0
            && place.at() >= 0
            && place.shift() >= 0
            && place.at() <= file.size() - place.bytes();
    if (!fits) {
      throw new ZipException("the position of its directory is wrong");
    }
    return place;
  }

  private List<Entry> entries(Place place) throws IOException {
    List<Entry> entries = new ArrayList<>();
    InputStream in = new BufferedInputStream(Channels.newInputStream(file.position(place.at())));
    long left = place.bytes();
    for (long i = 0; i < place.entries(); i++) {
      ByteBuffer header =
          ByteBuffer.wrap(in.readNBytes(HEADER_BYTES)).order(ByteOrder.LITTLE_ENDIAN);
      if (left < HEADER_BYTES || header.limit() < HEADER_BYTES || header.getInt(0) != HEADER) {
        throw new ZipException("its directory ends after " + i + " entries");
      }
      byte[] name = in.readNBytes(uint16(header, 28));
      byte[] extra = in.readNBytes(uint16(header, 30));
      int comment = uint16(header, 32);
      in.skipNBytes(comment);
      left -= HEADER_BYTES + name.length + extra.length + comment;
      if (left < 0) {
        throw new ZipException("its directory ends after " + i + " entries");
      }
      entries.add(entry(header, name(name), extra, place.shift()));
    }
    return entries;
  }

  private static Entry entry(ByteBuffer header, String name, byte[] extra, long shift)
      throws ZipException {
    if ((uint16(header, 8) & ENCRYPTED) != 0) {
      throw new ZipException("its entry '" + name + "' is encrypted");
    }
    int method = uint16(header, 10);
    if (method != STORED && method != DEFLATED) {
      throw new ZipException(
          "its entry '%s' has the compression method %d; stored and deflated are known"
              .formatted(name, method));
    }
    Zip64 large = new Zip64(name, extra);
    long bytes = large.orNext(uint32(header, 24));
    long compressed = large.orNext(uint32(header, 20));
    long position = large.orNext(uint32(header, 42));
    if (bytes < 0 || compressed < 0 || position < 0 || (method == STORED && bytes != compressed)) {
      throw new ZipException("its entry '" + name + "' has an impossible size");
    }
    return new Entry(name, method == DEFLATED, compressed, bytes, position + shift, 0);
  }

  /** A name as UTF-8; one that leaves its folder is refused. */
  private static String name(byte[] utf8) throws ZipException {
    String name;
    try {
      name = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(utf8)).toString();
    } catch (CharacterCodingException e) {
      throw new ZipException("the name of an entry is not UTF-8");
    }
    boolean leaves = name.startsWith("/") || name.startsWith("\\") || name.indexOf('\0') >= 0;
    for (String part : name.split("[/\\\\]", -1)) {
      leaves |= part.equals("..") || part.endsWith(":");
    }
    if (leaves) {
      throw new ZipException("the name of its entry '" + name + "' leaves the archive's folder");
    }
    return name;
  }

  /** Bounds each entry by the next one. Entries that share bytes inflate the same data often. */
  private static List<Entry> separate(List<Entry> entries, long directory) throws ZipException {
    List<Entry> sorted = new ArrayList<>(entries);
    sorted.sort(Comparator.comparingLong(Entry::header));
    for (int i = 0; i < sorted.size(); i++) {
      Entry entry = sorted.get(i);
      long end = i + 1 < sorted.size() ? sorted.get(i + 1).header() : directory;
      if (entry.header() > end - ZipArchive.LOCAL_BYTES - entry.compressed()) {
        throw new ZipException("its entry '" + entry.name() + "' overlaps another one");
      }
      sorted.set(
          i,
          new Entry(
              entry.name(),
              entry.deflated(),
              entry.compressed(),
              entry.bytes(),
              entry.header(),
              end));
    }
    return sorted;
  }

  static ByteBuffer bytes(FileChannel file, long at, int count) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(count).order(ByteOrder.LITTLE_ENDIAN);
    while (bytes.hasRemaining()) {
      if (file.read(bytes, at + bytes.position()) < 0) {
        throw new EOFException("the file ends too early");
      }
    }
    return bytes.flip();
  }

  static int uint16(ByteBuffer bytes, int at) {
    return bytes.getShort(at) & 0xffff;
  }

  private static long uint32(ByteBuffer bytes, int at) {
    return bytes.getInt(at) & LARGE;
  }

  /** The 64-bit numbers of an entry, in the order of their 32-bit fields that say 0xffffffff. */
  private static final class Zip64 {
    private static final int ID = 1;

    private final String name;
    private final ByteBuffer numbers;

    Zip64(String name, byte[] extra) {
      this.name = name;
      this.numbers = numbers(ByteBuffer.wrap(extra).order(ByteOrder.LITTLE_ENDIAN));
    }

    private static ByteBuffer numbers(ByteBuffer extra) {
      while (extra.remaining() >= 4) {
        int id = extra.getShort();
        int count = Math.min(extra.getShort() & 0xffff, extra.remaining());
        if (id == ID) {
          return extra.slice(extra.position(), count).order(ByteOrder.LITTLE_ENDIAN);
        }
        extra.position(extra.position() + count);
      }
      return ByteBuffer.allocate(0);
    }

    long orNext(long field) throws ZipException {
      if (field != LARGE) {
        return field;
      }
      if (numbers.remaining() < Long.BYTES) {
        throw new ZipException("its entry '" + name + "' has an impossible size");
      }
      return numbers.getLong();
    }
  }
}
