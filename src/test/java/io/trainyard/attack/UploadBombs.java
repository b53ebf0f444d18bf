package io.trainyard.attack;

import io.trainyard.attack.Request.Body;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** Uploads that are small on the wire and large, wide or malformed inside. */
final class UploadBombs {
  private static final String FORM = "multipart/form-data; boundary=b";

  private UploadBombs() {}

  static List<Request> all() {
    return List.of(
        upload("500 columns of CSV", "text/csv", csv(500)),
        upload("5,000 columns of CSV", "text/csv", csv(5_000)),
        upload("500 columns of NDJSON", "application/x-ndjson", ndjson(500)),
        upload("a quoted cell of 50 MB", "text/csv", repeated("a,b\n\"", "x", 50_000_000, "")),
        upload("a line of 20 million commas", "text/csv", repeated("a\n", ",", 20_000_000, "\n")),
        upload("numbers of 10,000 digits", "text/csv", repeated("a\n", "9", 10_000, "\n1\n")),
        upload(
            "JSON nested a million deep",
            "application/json",
            repeated("[{\"a\": ", "[", 1_000_000, "")),
        upload(
            "a tensor nested in 2,000 arrays",
            "application/json",
            repeated("[{\"a\": ", "[", 2_000, "1" + "]".repeat(2_000) + "}]")),
        form("an archive of 300,000 images", file("images.zip", entries(300_000))),
        form("an archive of zeros", file("images.zip", zeros(1 << 30))),
        form(
            "a PNG of 8,000 by 8,000 in 16 bits",
            file("images.zip", archive("a/x.png", png(8_000)))),
        form(
            "a PNG of two billion by two billion",
            file("images.zip", archive("a/x.png", png(2_000_000_000)))),
        form("names with dots", file("../../etc/passwd.npy", new byte[100])),
        form("two parts of one name", file("x.npy", new byte[10]), file("x.npy", new byte[10])),
        form("3,000 parts", manyParts(3_000)),
        form(
            "a part header of 1 MB",
            repeated("--b\r\nX: ", "x", 1_000_000, "\r\n\r\n1\r\n--b--\r\n")),
        Request.upload(
            "no boundary", "/v1/datasets?name=bomb", "multipart/form-data", Body.of("x")),
        form("a truncated form", Body.of("--b\r\nContent-Disposition: form-data; name=\"file\"")),
        form("a truncated form with a key", Body.of("--b\r\nContent-Disp"))
            .withHeader("Idempotency-Key", "truncated"),
        Request.upload("a form for another route", "/v1/jobs", FORM, manyParts(100)),
        Request.upload("a form for no route", "/v1/nothing", FORM, manyParts(100)),
        weights("200,000 tensors", 200_000),
        weights("a header that promises 2^62 bytes", -1));
  }

  private static Request upload(String name, String type, Body body) {
    return Request.upload(name, "/v1/datasets?name=bomb", type, body);
  }

  private static Request form(String name, Body... parts) {
    Body body =
        out -> {
          for (Body part : parts) {
            part.writeTo(out);
          }
          out.write("--b--\r\n".getBytes(StandardCharsets.US_ASCII));
        };
    return Request.upload(name, "/v1/datasets?name=bomb", FORM, body);
  }

  private static Body repeated(String head, String text, int times, String tail) {
    return Body.repeated(head, text, "", times, tail);
  }

  private static Body file(String name, byte[] content) {
    return out -> {
      out.write(
          ("--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\""
                  + name
                  + "\"\r\n\r\n")
              .getBytes(StandardCharsets.UTF_8));
      out.write(content);
      out.write("\r\n".getBytes(StandardCharsets.US_ASCII));
    };
  }

  private static Body manyParts(int count) {
    return Body.repeated(
        "",
        "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"x\"\r\n\r\n1\r\n",
        "",
        count,
        "--b--\r\n");
  }

  private static Body csv(int columns) {
    return out -> {
      line(out, columns, i -> "c" + i);
      for (int row = 0; row < 3; row++) {
        int seed = row;
        line(out, columns, i -> String.valueOf(i * 0.5 + seed));
      }
    };
  }

  private static void line(
      OutputStream out, int columns, java.util.function.IntFunction<String> cell)
      throws IOException {
    String text =
        IntStream.range(0, columns).mapToObj(cell).collect(Collectors.joining(",", "", "\n"));
    out.write(text.getBytes(StandardCharsets.US_ASCII));
  }

  private static Body ndjson(int columns) {
    String row =
        IntStream.range(0, columns)
            .mapToObj(i -> "\"c" + i + "\": " + i)
            .collect(Collectors.joining(",", "{", "}\n"));
    return Body.of(row.repeat(3));
  }

  private static byte[] archive(String name, byte[] content) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      zip.putNextEntry(new ZipEntry(name));
      zip.write(content);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  private static byte[] entries(int count) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      zip.setLevel(Deflater.NO_COMPRESSION);
      for (int i = 0; i < count; i++) {
        zip.putNextEntry(new ZipEntry("c/" + i + ".png"));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  private static byte[] zeros(int size) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      zip.putNextEntry(new ZipEntry("c/zeros.png"));
      byte[] block = new byte[1 << 20];
      for (int written = 0; written < size; written += block.length) {
        zip.write(block);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  /** A gray PNG of 16 bits whose pixels are all black, as far as they are there. */
  private static byte[] png(int side) {
    ByteArrayOutputStream png = new ByteArrayOutputStream();
    png.writeBytes(new byte[] {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'});
    png.writeBytes(
        chunk(
            "IHDR",
            ByteBuffer.allocate(13)
                .putInt(side)
                .putInt(side)
                .put(new byte[] {16, 0, 0, 0, 0})
                .array()));
    ByteArrayOutputStream pixels = new ByteArrayOutputStream();
    try (DeflaterOutputStream deflater =
        new DeflaterOutputStream(pixels, new Deflater(Deflater.BEST_COMPRESSION))) {
      byte[] line = new byte[(int) Math.min(1L + 2L * side, 1 << 20)];
      for (int row = 0; row < Math.min(side, 8_000); row++) {
        deflater.write(line);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    png.writeBytes(chunk("IDAT", pixels.toByteArray()));
    png.writeBytes(chunk("IEND", new byte[0]));
    return png.toByteArray();
  }

  private static byte[] chunk(String type, byte[] content) {
    byte[] name = type.getBytes(StandardCharsets.US_ASCII);
    CRC32 crc = new CRC32();
    crc.update(name);
    crc.update(content);
    return ByteBuffer.allocate(12 + content.length)
        .putInt(content.length)
        .put(name)
        .put(content)
        .putInt((int) crc.getValue())
        .array();
  }

  /** An import whose safetensors header names many tensors, or promises more than there is. */
  private static Request weights(String name, int tensors) {
    String spec =
        "{\"network\": {\"inputs\": {\"x\": {\"shape\": [2]}},"
            + " \"layers\": [{\"type\": \"dense\", \"units\": 1}]}}";
    String header =
        IntStream.range(0, Math.max(0, tensors))
            .mapToObj(
                i -> "\"t" + i + "\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[0,0]}")
            .collect(Collectors.joining(",", "{", "}"));
    Body body =
        out -> {
          out.write(
              ("--b\r\nContent-Disposition: form-data; name=\"spec\"\r\n\r\n"
                      + spec
                      + "\r\n--b\r\nContent-Disposition: form-data; name=\"weights\";"
                      + " filename=\"w\"\r\n\r\n")
                  .getBytes(StandardCharsets.US_ASCII));
          long length = tensors < 0 ? 1L << 62 : header.length();
          out.write(
              ByteBuffer.allocate(8)
                  .order(java.nio.ByteOrder.LITTLE_ENDIAN)
                  .putLong(length)
                  .array());
          out.write(header.getBytes(StandardCharsets.US_ASCII));
          out.write("\r\n--b--\r\n".getBytes(StandardCharsets.US_ASCII));
        };
    return Request.upload(name, "/v1/models/imported/versions", FORM, body);
  }
}
