package io.trainyard.store.file;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;

import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.os.HeldFile;
import io.trainyard.os.Sha256;
import io.trainyard.store.DiskReserve;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Collection;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Files named by the SHA-256 of their bytes. A file gets its name when it is complete and on disk.
 * Every read first checks that the bytes still have that hash.
 */
public final class BlobFiles {
  private static final Logger log = LoggerFactory.getLogger(BlobFiles.class);

  /** What a file with a second name contains: the hash and the bytes of the other. */
  private static final Pattern NAMED = Pattern.compile("([0-9a-f]{64}) ([0-9]{1,15})");

  private final StoredFiles files;
  private final FileStores stores;
  private final DamageCheck damage;

  /** Files of one kind, which is the name of their folder. */
  public BlobFiles(FileStores stores, String kind) {
    this.stores = stores;
    this.damage = new DamageCheck(stores.pausesBeforeDamage());
    this.files = stores.of(kind);
  }

  /** A file that is forced to disk. */
  public record Blob(String sha256, long bytes) {}

  /** Writes the bytes of a new file. */
  public interface Content {
    void writeTo(WritableByteChannel out) throws IOException;
  }

  /** Writes a file; replaces one with the same bytes, whose copy may be damaged. */
  public Blob write(Content content) throws IOException {
    Path temporary = Files.createTempFile(files.folder(), "new", ".tmp");
    try {
      MessageDigest digest = Sha256.begin();
      long bytes;
      try (FileChannel file = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
        content.writeTo(new HashingChannel(file, stores.reserve().growth(), digest));
        file.force(true);
        bytes = file.size();
      }
      Blob blob = new Blob(Sha256.hex(digest), bytes);
      files.publish(temporary, blob.sha256());
      return blob;
    } finally {
      Files.deleteIfExists(temporary);
    }
  }

  /**
   * A file whose bytes have the right hash, until it is closed.
   *
   * @throws ServiceException CORRUPT_FILE if they do not; UNAVAILABLE if they cannot be read now
   */
  public HeldFile verified(Blob blob) {
    try {
      HeldFile file = damage.read(blob.sha256(), () -> hold(blob));
      if (file != null) {
        return file;
      }
      throw corrupt(blob);
    } catch (IOException e) {
      throw unreadable("The file " + blob.sha256(), e);
    }
  }

  /** Null if its bytes have another hash. */
  private @Nullable HeldFile hold(Blob blob) throws IOException {
    HeldFile file = files.hold(blob.sha256());
    if (isSound(file, blob)) {
      return file;
    }
    if (!files.discardCopy(blob.sha256())) {
      return null;
    }
    log.warn("The copy {} is damaged; it is fetched again", path(blob.sha256()));
    HeldFile fetched = files.hold(blob.sha256());
    return isSound(fetched, blob) ? fetched : null;
  }

  /** Whether a file has the right hash; closes it if not. */
  private static boolean isSound(HeldFile file, Blob blob) throws IOException {
    boolean sound = false;
    try (InputStream in = Files.newInputStream(file.path())) {
      sound = Sha256.of(in).equals(blob.sha256());
      return sound;
    } finally {
      if (!sound) {
        file.close();
      }
    }
  }

  /** The error for a file that a later attempt may read, for example "The weights". */
  public static ServiceException unreadable(String what, IOException cause) {
    log.warn("{} cannot be read now: {}", what, cause.toString());
    return new ServiceException(
        ErrorCode.UNAVAILABLE, what + " cannot be read now; try again", cause);
  }

  private ServiceException corrupt(Blob blob) {
    log.error("{} is damaged or missing; restore it from a backup", path(blob.sha256()));
    return new ServiceException(
        ErrorCode.CORRUPT_FILE, "The file " + blob.sha256() + " is damaged or missing");
  }

  /**
   * Deletes a file that no database record references; {@link #deleteOrphans} retries a failed
   * deletion, and one that a running backup forbids. Call it after the last record is gone.
   */
  public void delete(String sha256) {
    if (stores.keepsAll()) {
      return;
    }
    try {
      files.delete(sha256);
    } catch (IOException e) {
      log.warn("{} cannot be deleted: {}", path(sha256), e.toString());
    }
  }

  /**
   * Protects a file from deletion, because a database record is about to reference it.
   *
   * @throws ServiceException CORRUPT_FILE if it is missing; UNAVAILABLE if that cannot be told now
   */
  public void touch(String sha256) {
    try {
      Boolean touched =
          damage.read(
              sha256,
              () -> {
                files.touch(sha256);
                return true;
              });
      if (touched == null) {
        throw new ServiceException(
            ErrorCode.CORRUPT_FILE, "The file " + sha256 + " is damaged or missing");
      }
    } catch (IOException e) {
      throw unreadable("The file " + sha256, e);
    }
  }

  /**
   * Deletes files that no database record has referenced for a while.
   *
   * @param since when the database was created; older files are kept
   * @param referenced gives, out of some file names, those that database records reference
   */
  public void deleteOrphans(Instant since, Function<Collection<String>, Set<String>> referenced) {
    if (stores.keepsAll()) {
      return;
    }
    try {
      files.deleteOrphans(since, referenced);
    } catch (IOException e) {
      log.warn("Unreferenced files cannot be deleted; retrying later: {}", e.toString());
    }
  }

  /**
   * Gives a file a second name, by which it is found without a database record. The name must be as
   * long as a hash and may have named another file before. {@link #deleteOrphans} deletes both
   * where no record names the file.
   */
  public void name(String name, Blob blob) throws IOException {
    Path temporary = Files.createTempFile(files.folder(), "new", ".tmp");
    try (FileChannel file = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
      file.write(ByteBuffer.wrap((blob.sha256() + " " + blob.bytes()).getBytes(US_ASCII)));
      file.force(true);
      files.publish(temporary, name);
    } finally {
      Files.deleteIfExists(temporary);
    }
  }

  /** The file of a name; empty when there is none, or what it says is damaged. */
  public Optional<Blob> named(String name) throws IOException {
    HeldFile found = files.find(name).orElse(null);
    if (found == null) {
      return Optional.empty();
    }
    try (found) {
      Matcher text = NAMED.matcher(Files.readString(found.path(), ISO_8859_1));
      return text.matches()
          ? Optional.of(new Blob(text.group(1), Long.parseLong(text.group(2))))
          : Optional.empty();
    }
  }

  Path path(String sha256) {
    return files.path(sha256);
  }

  private record HashingChannel(FileChannel file, DiskReserve.Growth growth, MessageDigest digest)
      implements WritableByteChannel {
    @Override
    public int write(ByteBuffer bytes) throws IOException {
      growth.add(bytes.remaining());
      int from = bytes.position();
      int written = file.write(bytes);
      digest.update(bytes.duplicate().position(from).limit(from + written));
      return written;
    }

    @Override
    public boolean isOpen() {
      return file.isOpen();
    }

    @Override
    public void close() throws IOException {
      file.close();
    }
  }
}
