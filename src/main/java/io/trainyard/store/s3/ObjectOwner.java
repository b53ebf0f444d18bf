package io.trainyard.store.s3;

import io.trainyard.error.StartRefusedException;
import io.trainyard.store.ObjectStoreException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An object with the id of the database that names the objects: those of another database would be
 * orphans for this one, and be deleted.
 */
final class ObjectOwner {
  private static final Logger log = LoggerFactory.getLogger(ObjectOwner.class);

  private final S3Objects objects;
  private final String key;
  private final String database;
  private final Path scratch;

  /**
   * The owner of the objects below a prefix.
   *
   * @param database the id of this process's database
   * @param scratch a folder for small files of this process
   */
  ObjectOwner(S3Objects objects, String prefix, String database, Path scratch) {
    this.objects = objects;
    this.key = prefix + "database-id";
    this.database = database;
    this.scratch = scratch;
  }

  /**
   * Checks at start that the objects belong to the database; makes it the owner if there is none.
   * While the store is away, the service starts; it deletes nothing before it has checked this.
   *
   * @param accept whether the objects may get another database
   */
  void check(boolean accept) {
    try {
      String owner = read();
      if (owner.isEmpty() || (accept && !owner.equals(database))) {
        write();
      } else if (!owner.equals(database)) {
        throw new StartRefusedException(
            "The objects of trainyard.storage.s3 belong to another database, %s; name another bucket, prefix or database, or start with --trainyard.accept-database=true, which keeps these objects"
                .formatted(owner));
      }
    } catch (IOException e) {
      log.warn("Whose objects are in trainyard.storage.s3 cannot be checked now: {}", e.toString());
    }
  }

  /**
   * Call it before anything is deleted.
   *
   * @throws ObjectStoreException if the objects belong to another database
   */
  void require() throws IOException {
    String owner = read();
    if (owner.isEmpty()) {
      write();
    } else if (!owner.equals(database)) {
      throw new ObjectStoreException("The objects belong to another database; nothing is deleted");
    }
  }

  private String read() throws IOException {
    Path file = Files.createTempDirectory(scratch, "owner").resolve("id");
    try {
      objects.get(key, file, _ -> {});
      return Files.readString(file).strip();
    } catch (NoSuchFileException e) {
      return "";
    } finally {
      Files.deleteIfExists(file);
      Files.deleteIfExists(file.resolveSibling(""));
    }
  }

  private void write() throws IOException {
    Path file = Files.createTempFile(scratch, "owner", ".tmp");
    try {
      Files.write(file, (database + "\n").getBytes(StandardCharsets.UTF_8));
      objects.put(key, file);
    } finally {
      Files.deleteIfExists(file);
    }
  }
}
