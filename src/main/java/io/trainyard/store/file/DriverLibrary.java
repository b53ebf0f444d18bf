package io.trainyard.store.file;

import io.trainyard.store.DurableFolders;
import java.io.IOException;
import java.io.InputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.CodeElement;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.constant.ClassDesc;
import java.lang.invoke.MethodHandles;
import java.net.JarURLConnection;
import java.net.URL;
import java.net.URLConnection;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Locale;
import java.util.jar.Attributes;
import java.util.jar.Manifest;
import org.duckdb.DuckDBDriver;
import org.jspecify.annotations.Nullable;

/**
 * DuckDB's library of 70 MB, unpacked once into a folder that later starts and other processes use
 * too. The driver has no setting for it: it unpacks its library at each start into the system's
 * folder for temporary files, where a killed process leaves it. So one call in the driver's loader
 * is replaced before the class is loaded.
 */
public final class DriverLibrary {
  private static final String LOADER = "/org/duckdb/DuckDBNative.class";
  private static final String REPLACED = "unpackAndLoad";

  private static @Nullable Path folder;
  private static @Nullable Path library;

  private DriverLibrary() {}

  /** Chooses the folder. It has an effect before the first {@link #prepare}. */
  public static synchronized void unpackInto(Path chosen) {
    folder = chosen.toAbsolutePath();
  }

  /**
   * Unpacks the library, unless it is there, and makes the driver load it. Without a chosen folder
   * the driver unpacks the library itself.
   *
   * @throws IOException if it cannot be unpacked; the next call tries again
   */
  public static synchronized void prepare() throws IOException {
    Path chosen = folder;
    if (library != null || chosen == null) {
      return;
    }
    URL packed = DuckDBDriver.class.getResource("/" + name());
    if (packed == null) {
      return; // a driver for one platform only, which looks for the library in other places
    }
    library = unpacked(packed, chosen);
    replaceLoader();
  }

  /** The name in the driver's jar, built like the driver does. */
  private static String name() {
    String system = System.getProperty("os.name").toLowerCase(Locale.ROOT);
    String arch = System.getProperty("os.arch");
    return "libduckdb_java.so_%s_%s"
        .formatted(
            system.startsWith("windows") ? "windows" : system.startsWith("mac") ? "macos" : "linux",
            arch.equals("aarch64") ? "arm64" : "amd64");
  }

  private static Path unpacked(URL packed, Path folder) throws IOException {
    URLConnection connection = packed.openConnection();
    long bytes = connection.getContentLengthLong();
    Path own = folder.resolve("duckdb_jdbc-" + version(connection));
    Path file = own.resolve(name());
    if (isComplete(file, bytes)) {
      return file;
    }
    DurableFolders.create(own);
    // Processes that start at once wait for the first one.
    try (FileChannel channel =
            FileChannel.open(
                own.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock _ = channel.lock()) {
      if (!isComplete(file, bytes)) {
        unpack(packed, file);
      }
    }
    return file;
  }

  private static String version(URLConnection connection) throws IOException {
    Manifest manifest =
        connection instanceof JarURLConnection jar ? jar.getManifest() : new Manifest();
    Attributes attributes = manifest == null ? new Attributes() : manifest.getMainAttributes();
    String version = attributes.getValue("Bundle-Version");
    return version == null ? "unknown" : version;
  }

  private static boolean isComplete(Path file, long bytes) throws IOException {
    return Files.isRegularFile(file) && Files.size(file) == bytes;
  }

  /** A killed process leaves the temporary file; the next one replaces it. */
  private static void unpack(URL packed, Path file) throws IOException {
    Path temporary = file.resolveSibling(file.getFileName() + ".tmp");
    try (InputStream in = packed.openStream()) {
      Files.copy(in, temporary, StandardCopyOption.REPLACE_EXISTING);
      try (FileChannel written = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
        written.force(true);
      }
      Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(temporary);
    }
    DurableFolders.sync(file.resolveSibling(""));
  }

  private static void replaceLoader() throws IOException {
    try (InputStream in = DuckDBDriver.class.getResourceAsStream(LOADER)) {
      if (in != null) {
        ClassFile file = ClassFile.of();
        byte[] changed =
            file.transformClass(
                file.parse(in.readAllBytes()),
                ClassTransform.transformingMethodBodies(DriverLibrary::replace));
        MethodHandles.privateLookupIn(DuckDBDriver.class, MethodHandles.lookup())
            .defineClass(changed);
      }
    } catch (IllegalAccessException | LinkageError e) {
      // The class is loaded already, or may not be changed: the driver unpacks the library itself.
    }
  }

  private static void replace(CodeBuilder code, CodeElement element) {
    if (element instanceof InvokeInstruction call && call.name().equalsString(REPLACED)) {
      code.invokestatic(ClassDesc.of(DriverLibrary.class.getName()), "load", call.typeSymbol());
    } else {
      code.with(element);
    }
  }

  /** Called by the driver's loader instead of unpacking this file of its jar. */
  public static synchronized void load(URL packed) {
    if (library == null) {
      throw new IllegalStateException(packed + " is not unpacked");
    }
    System.load(library.toString());
  }
}
