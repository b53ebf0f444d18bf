package io.trainyard.store.ingest;

import io.trainyard.dataset.Upload.Format;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Npy;
import io.trainyard.tensor.Shape;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.zip.CRC32;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import javax.imageio.ImageIO;

/** Broken files of every format, each with a name for its fault. */
final class BrokenFiles {
  private static final String CSV = "a,b,c\n1,2.5,x\n2,3.5,y\n3,4.5,z\n";

  private final List<Broken> files = new ArrayList<>();

  private BrokenFiles() {}

  /** A file, its declared format and its fault. */
  @SuppressWarnings("ArrayRecordComponent")
  record Broken(String fault, Format format, byte[] bytes) {
    @Override
    public String toString() {
      return format + ": " + fault;
    }
  }

  static List<Broken> all(Path folder) throws Exception {
    BrokenFiles broken = new BrokenFiles();
    broken.bytesOfEveryClass();
    broken.quotesAndRags();
    broken.encodings();
    broken.spellings();
    broken.hugeFields();
    broken.json();
    broken.npy();
    broken.parquet(folder);
    broken.archives();
    return broken.files;
  }

  private void add(String fault, Format format, byte[] bytes) {
    files.add(new Broken(fault, format, bytes));
  }

  private void csv(String fault, String text) {
    add(fault, Format.CSV, text.getBytes(StandardCharsets.UTF_8));
  }

  private void bytesOfEveryClass() {
    List<Integer> odd = new ArrayList<>();
    for (int b = 0; b < 32; b++) {
      odd.add(b);
    }
    odd.addAll(List.of(127, 128, 191, 192, 193, 195, 224, 226, 237, 240, 244, 245, 254, 255));
    for (int b : odd) {
      byte[] bytes = CSV.getBytes(StandardCharsets.UTF_8);
      bytes[12] = (byte) b;
      add("the byte 0x%02x in a cell".formatted(b), Format.CSV, bytes);
    }
  }

  private void quotesAndRags() {
    csv("a quote that never ends", "a,b\n1,\"x\n2,y\n");
    csv("a quote in mid-cell", "a,b\n1,x\"y\n2,z\n");
    csv("text behind a quote", "a,b\n1,\"x\"y\n2,z\n");
    csv("nothing but quotes", "\"\"\"\"\"\n\"\"\"\n");
    csv("a quoted header that never ends", "\"a,b\n1,2\n");
    csv("lines that end in CR only", "a,b\r1,2\r3,4\r");
    csv("ends of lines of all kinds", "a,b\r\n1,2\n3,4\r5,6\n\r7,8\n");
    csv("too few cells", "a,b,c\n1,2,3\n4,5\n");
    csv("too many cells", "a,b,c\n1,2,3\n4,5,6,7\n");
    csv("a header and no rows", "a,b,c\n");
    csv("nothing", "");
    csv("nothing but ends of lines", "\n\n\r\n\n");
    csv("nothing but delimiters", ",,,\n,,,\n,,,\n");
    csv("the same name twice", "a,a\n1,2\n");
    csv("a column without a name", "a,,c\n1,2,3\n");
    csv("delimiters of two kinds", "a;b,c\n1;2,3\n4,5;6\n");
    csv("no end of line at the end", "a,b\n1,2\n3,");
  }

  private void encodings() {
    for (String name : List.of("UTF-16", "UTF-16LE", "UTF-16BE", "UTF-32", "ISO-8859-1")) {
      byte[] bytes = "a,b\n1,é\n2,ü\n".getBytes(Charset.forName(name));
      add("text in " + name, Format.CSV, bytes);
      byte[] json = "[{\"a\":\"é\"}]".getBytes(Charset.forName(name));
      add("text in " + name, Format.JSON, json);
    }
    csv("a byte order mark", "\uFEFFa,b\n1,2\n");
    csv("a byte order mark in mid-file", "a,b\n1,\uFEFF2\n3,4\n");
    add("an overlong slash", Format.CSV, bytes("a\nx", 0xC0, 0xAF, "\n"));
    add("half a surrogate pair", Format.CSV, bytes("a\nx", 0xED, 0xA0, 0x80, "\n"));
    add("a character truncated by the end", Format.CSV, bytes("a\nx", 0xF0, 0x9F));
    add("a compressed file", Format.CSV, bytes("", 0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, "\n\n"));
  }

  private static byte[] bytes(Object... pieces) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (Object piece : pieces) {
      if (piece instanceof Integer single) {
        out.write(single);
      } else {
        out.writeBytes(piece.toString().getBytes(StandardCharsets.UTF_8));
      }
    }
    return out.toByteArray();
  }

  private void spellings() {
    for (String text :
        List.of(
            "NaN",
            "nan",
            "-nan",
            "+NaN",
            "nan(1)",
            "#N/A",
            "N/A",
            "NULL",
            "None",
            "inf",
            "-Infinity",
            "1.#IND",
            "1e999",
            "-1e-999",
            "0x1p3",
            "1,5",
            "1_000",
            "١٢",
            "1e",
            ".",
            "-",
            "+1",
            "1f")) {
      csv("a number spelled " + text, "a,b\n1,k\n2,l\n3,m\n4,n\n5,o\n\"" + text + "\",p\n");
    }
  }

  private void hugeFields() {
    csv("a cell of 1 MB", "a,b\n1," + "x".repeat(1 << 20) + "\n");
    csv("a cell of 17 MB", "a,b\n1," + "x".repeat(17 << 20) + "\n");
    csv("a quoted cell of 17 MB that never ends", "a,b\n1,\"" + "x\n".repeat(17 << 19));
    csv("a name of 1 MB", "x".repeat(1 << 20) + ",b\n1,2\n");
    csv("30,000 columns", "a,".repeat(30_000) + "a\n" + "1,".repeat(30_000) + "1\n");
    csv("a number of 100,000 digits", "a\n1\n" + "9".repeat(100_000) + "\n");
  }

  private void json() {
    Format json = Format.JSON;
    for (String text :
        List.of(
            "",
            "null",
            "{}",
            "[]",
            "[1,2]",
            "[{}]",
            "[{\"a\":1},",
            "[{\"a\":1}] x",
            "[{\"a\":1,\"a\":2}]",
            "[{\"a\":NaN}]",
            "[{\"a\":1e999}]",
            "[{\"a\":01}]",
            "[{\"a\":'x'}]",
            "[{\"a\":\"\\u0000\"}]",
            "[{\"a\":\"\\ud800\"}]",
            "[{\"\":1}]",
            "[{\"a\":[[1],[2,3]]}]",
            "[{\"a\":[1,\"x\"]}]",
            "[{\"a\":{\"b\":1}}]",
            "[{\"a\":123456789012345678901234567890}]")) {
      add(text, json, text.getBytes(StandardCharsets.UTF_8));
      add(text, Format.NDJSON, text.getBytes(StandardCharsets.UTF_8));
    }
    add("100,000 brackets", json, "[".repeat(100_000).getBytes(StandardCharsets.UTF_8));
    String deep = "[{\"a\":" + "[".repeat(5_000) + "1" + "]".repeat(5_000) + "}]";
    add("a tensor of 5,000 axes", json, deep.getBytes(StandardCharsets.UTF_8));
    String digits = "[{\"a\":" + "1".repeat(1 << 20) + "}]";
    add("a number of a million digits", json, digits.getBytes(StandardCharsets.UTF_8));
  }

  private void npy() {
    byte[] good = Npy.write(HostTensor.ofFloats(Shape.of(3, 2), 1, 2, 3, 4, 5, 6));
    String text = new String(good, StandardCharsets.ISO_8859_1);
    for (String shape :
        List.of(
            "(9999999999,)",
            "(9223372036854775807, 2)",
            "(4294967296, 4294967296)",
            "(-3, 2)",
            "(3, 0)",
            "()",
            "(3, 2" + ", 1".repeat(70) + ")",
            "(3.0, 2)",
            "('a', 2)")) {
      npy("the shape " + shape, text.replace("(3, 2)", shape));
    }
    for (String type : List.of("|O", "<U3", "<c8", "<M8[s]", "|V4", "<f3", "<i16", "x", "<f4<f4")) {
      npy("the type " + type, text.replace("<f4", type));
    }
    npy("a header that is code", text.replace("'descr'", "'descr'+exit()+''"));
    npy("the version 9", text.replace("NUMPY\1", "NUMPY\t"));
    npy("no magic", text.replace("NUMPY", "PUMPY"));
    byte[] header = good.clone();
    header[8] = (byte) 0xff;
    header[9] = (byte) 0xff;
    add("a header longer than the file", Format.NPY, header);
    for (int length : List.of(0, 5, 9, 20, good.length - 1)) {
      add("cut off at " + length, Format.NPY, Arrays.copyOf(good, length));
    }
    add("bytes behind its end", Format.NPY, Arrays.copyOf(good, good.length + 3));
  }

  private void npy(String fault, String text) {
    add(fault, Format.NPY, text.getBytes(StandardCharsets.ISO_8859_1));
  }

  private void parquet(Path folder) throws Exception {
    Path file = folder.resolve("good.parquet");
    try (var duck = DriverManager.getConnection("jdbc:duckdb:");
        var statement = duck.createStatement()) {
      statement.execute(
          "COPY (SELECT i AS a, 'x' || i AS b, [i, i] AS c FROM range(500) r(i)) TO '%s' (FORMAT parquet)"
              .formatted(file));
    }
    byte[] good = Files.readAllBytes(file);
    Files.delete(file);
    for (int length :
        List.of(0, 4, 8, 11, 12, 100, good.length / 2, good.length - 5, good.length - 1)) {
      add("cut off at " + length, Format.PARQUET, Arrays.copyOf(good, length));
      add(
          "its first bytes lost, " + length + " left",
          Format.PARQUET,
          Arrays.copyOfRange(good, good.length - length, good.length));
    }
    for (int footer : List.of(0, -1, Integer.MAX_VALUE, good.length, 7)) {
      byte[] bytes = good.clone();
      ByteBuffer.wrap(bytes).putInt(bytes.length - 8, Integer.reverseBytes(footer));
      add("a footer said to have " + footer + " bytes", Format.PARQUET, bytes);
    }
    add("nothing but its magic", Format.PARQUET, bytes("PAR1PAR1"));
    add("text", Format.PARQUET, CSV.getBytes(StandardCharsets.UTF_8));
    Random random = new Random(8);
    for (int i = 0; i < 10; i++) {
      byte[] bytes = good.clone();
      bytes[bytes.length - 9 - random.nextInt(200)] ^= (byte) (1 << random.nextInt(8));
      add("a flipped bit in its footer, " + i, Format.PARQUET, bytes);
    }
  }

  private void archives() throws IOException {
    byte[] red = png(4, 4);
    Format zip = Format.IMAGES;
    add("no archive", zip, CSV.getBytes(StandardCharsets.UTF_8));
    add("an empty archive", zip, zip());
    add("an image that unpacks to 200 MB", zip, zip("a/bomb.png", new byte[200 << 20]));
    add("an image of 2147483647 pixels a side", zip, zip("a/x.png", pngOf(Integer.MAX_VALUE)));
    add("an image of 40,000 pixels a side", zip, zip("a/x.png", pngOf(40_000)));
    add("an image of no pixels", zip, zip("a/x.png", pngOf(0)));
    add("a path out of the folder", zip, zip("../../../tmp/evil.png", red));
    add("an absolute path", zip, zip("/etc/evil.png", red));
    add("a path of a Windows drive", zip, zip("C:\\evil\\x.png", red));
    add("a name of 60,000 characters", zip, zip("a/" + "x".repeat(60_000), red));
    add("text in a folder of images", zip, zip("a/x.png", bytes("hello")));
    add("an archive in an archive", zip, zip("a/x.zip", zip("a/x.png", red)));
    for (int cut : List.of(20, 40, red.length - 12, red.length - 1)) {
      add("an image cut off at " + cut, zip, zip("a/x.png", Arrays.copyOf(red, cut)));
    }
    byte[] good = zip("a/x.png", red);
    for (int cut : List.of(10, good.length / 2, good.length - 1)) {
      add("an archive cut off at " + cut, zip, Arrays.copyOf(good, cut));
    }
    Random random = new Random(9);
    for (int i = 0; i < 15; i++) {
      byte[] bytes = good.clone();
      bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
      add("a flipped bit in an archive, " + i, zip, bytes);
      byte[] image = red.clone();
      image[random.nextInt(image.length)] ^= (byte) (1 << random.nextInt(8));
      add("a flipped bit in an image, " + i, zip, zip("a/x.png", image));
    }
  }

  private static byte[] zip(Object... namesAndBytes) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (ZipOutputStream archive = new ZipOutputStream(out)) {
      for (int i = 0; i < namesAndBytes.length; i += 2) {
        archive.putNextEntry(new ZipEntry((String) namesAndBytes[i]));
        archive.write((byte[]) namesAndBytes[i + 1]);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }

  private static byte[] png(int width, int height) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    ImageIO.write(image, "png", out);
    return out.toByteArray();
  }

  /** A small file whose header claims a number of pixels per side. */
  private static byte[] pngOf(int side) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(new byte[] {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'});
    ByteBuffer head = ByteBuffer.allocate(13).putInt(side).putInt(side);
    head.put(new byte[] {8, 2, 0, 0, 0});
    chunk(out, "IHDR", head.array());
    ByteArrayOutputStream pixels = new ByteArrayOutputStream();
    try (DeflaterOutputStream deflater = new DeflaterOutputStream(pixels)) {
      deflater.write(new byte[1 << 20]);
    }
    chunk(out, "IDAT", pixels.toByteArray());
    chunk(out, "IEND", new byte[0]);
    return out.toByteArray();
  }

  private static void chunk(ByteArrayOutputStream out, String kind, byte[] body) {
    byte[] checked =
        (kind + new String(body, StandardCharsets.ISO_8859_1))
            .getBytes(StandardCharsets.ISO_8859_1);
    CRC32 crc = new CRC32();
    crc.update(checked);
    out.writeBytes(ByteBuffer.allocate(4).putInt(body.length).array());
    out.writeBytes(checked);
    out.writeBytes(ByteBuffer.allocate(4).putInt((int) crc.getValue()).array());
  }
}
