package io.trainyard.store.ingest;

import io.trainyard.dataset.IngestOptions;
import io.trainyard.dataset.Upload;
import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.os.Sha256;
import io.trainyard.store.DiskReserve;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.springframework.util.unit.DataSize;

/**
 * The files of an upload on disk.
 *
 * @param digest of the bytes and of the options. It is stored and names files: renaming a constant
 *     of {@link Upload.Format} or {@link IngestOptions.OnError} would give a known upload a new
 *     digest.
 */
public record ReceivedUpload(List<Part> parts, String digest) {
  private static final int FIRST_CHUNK = 1 << 14;
  private static final int LARGEST_CHUNK = 1 << 19;

  /** What separates the parts of options as text. */
  private static final Pattern AMBIGUOUS = Pattern.compile(", |[=\\n\\[\\]{}]");

  public ReceivedUpload {
    parts = List.copyOf(parts);
  }

  /** One file. */
  record Part(String name, Path file, String sha256, long bytes) {}

  /**
   * Streams the bytes to disk. Whatever the sender's speed, it holds a file and a buffer.
   *
   * @param task a folder for temporary files; the caller deletes it
   * @param limit the most bytes of all files together
   * @param reserve the disk space that the files leave free
   */
  public static ReceivedUpload receive(
      Upload upload, Path task, DataSize limit, DiskReserve reserve) throws IOException {
    MessageDigest hash = begin(upload.format(), upload.options());
    long budget = limit.toBytes();
    List<Part> parts = new ArrayList<>();
    for (Upload.Part part : upload.parts()) {
      if (part.length() > budget) {
        throw tooLarge(limit);
      }
      Part received = receive(part, task.resolve("part-" + parts.size()), budget, limit, reserve);
      budget -= received.bytes();
      parts.add(received);
      add(hash, part.name(), received.sha256());
    }
    return new ReceivedUpload(parts, Sha256.hex(hash));
  }

  private static MessageDigest begin(Upload.Format format, IngestOptions options) {
    MessageDigest hash = Sha256.begin();
    hash.update((format + "\n" + canonical(options)).getBytes(StandardCharsets.UTF_8));
    return hash;
  }

  private static void add(MessageDigest hash, String part, String sha256) {
    hash.update(("\n" + part + "\n" + sha256).getBytes(StandardCharsets.UTF_8));
  }

  /** The digest of an upload of one file. */
  static String digest(Upload.Format format, IngestOptions options, String sha256) {
    MessageDigest hash = begin(format, options);
    add(hash, "file", sha256);
    return Sha256.hex(hash);
  }

  private static Part receive(
      Upload.Part part, Path file, long budget, DataSize limit, DiskReserve reserve)
      throws IOException {
    MessageDigest digest = Sha256.begin();
    long bytes = 0;
    try (OutputStream out = reserve.guard(Files.newOutputStream(file))) {
      InputStream body = part.body();
      byte[] buffer = new byte[FIRST_CHUNK];
      for (int read = body.readNBytes(buffer, 0, buffer.length);
          read > 0;
          read = body.readNBytes(buffer, 0, buffer.length)) {
        bytes += read;
        if (bytes > budget) {
          throw tooLarge(limit);
        }
        digest.update(buffer, 0, read);
        out.write(buffer, 0, read);
        if (bytes > buffer.length && buffer.length < LARGEST_CHUNK) {
          // Large uploads get large chunks; many slow ones must not fill the heap.
          buffer = new byte[2 * buffer.length];
        }
      }
    }
    return new Part(part.name(), file, Sha256.hex(digest), bytes);
  }

  /** All options: if one is missing here, uploads that differ only in it share a version. */
  private static String canonical(IngestOptions options) {
    return options.onError()
        + "\n"
        + options.delimiter()
        + "\n"
        + options.header()
        + "\n"
        + options.types()
        + "\n"
        + options.nullValues()
        + "\n"
        + options.column()
        + "\n"
        + options.image()
        + exact(options);
  }

  /**
   * Lists and maps as text do not show where a name or a value ends: {@code ["a, b"]} and {@code
   * ["a", "b"]} look alike. Options that could be taken for others are added with their lengths;
   * digests of all others stay what they were.
   */
  private static String exact(IngestOptions options) {
    List<String> texts = new ArrayList<>(options.nullValues());
    texts.addAll(options.types().keySet());
    texts.add(options.column());
    if (texts.stream().noneMatch(text -> AMBIGUOUS.matcher(text).find())) {
      return "";
    }
    StringBuilder exact = new StringBuilder("\nnulls ").append(options.nullValues().size());
    texts.forEach(text -> exact.append('\n').append(text.length()).append(':').append(text));
    return exact.toString();
  }

  private static ServiceException tooLarge(DataSize limit) {
    return new ServiceException(
        ErrorCode.BODY_TOO_LARGE,
        "The upload has more than " + limit.toBytes() + " bytes (trainyard.datasets.max-upload)");
  }

  long bytes() {
    return parts.stream().mapToLong(Part::bytes).sum();
  }
}
