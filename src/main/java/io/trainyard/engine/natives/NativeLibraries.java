package io.trainyard.engine.natives;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.bytedeco.javacpp.Loader;
import org.jspecify.annotations.Nullable;

/**
 * Loads libtorch once per process. JavaCPP's properties and malloc's settings must be set before
 * the first library is loaded, so no other code may use a JavaCPP class earlier.
 */
public final class NativeLibraries {
  /** JavaCPP's property. */
  private static final String FOLDER = "org.bytedeco.javacpp.cachedir";

  private static final String GPU = "-gpu";

  private static final Object LOCK = new Object();
  private static boolean loaded;

  private NativeLibraries() {}

  /**
   * The folder for unpacked libraries.
   *
   * @param chosen null: JavaCPP's folder in the home folder, or {@code natives} in the data folder
   *     when that is not writable
   */
  public static Path folder(@Nullable Path chosen, Path dataDir) {
    if (chosen != null) {
      return chosen.toAbsolutePath();
    }
    String javacpp = System.getProperty(FOLDER);
    if (javacpp != null) {
      return Path.of(javacpp).toAbsolutePath();
    }
    Path usual = Path.of(System.getProperty("user.home", "."), ".javacpp", "cache");
    return (isWritable(usual) ? usual : dataDir.resolve("natives")).toAbsolutePath();
  }

  /** Tries to write: permissions don't restrict root, and a file system may be read-only. */
  private static boolean isWritable(Path folder) {
    try {
      Files.createDirectories(folder);
      Files.delete(Files.createTempFile(folder, "trainyard", ".probe"));
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  /**
   * Loads all libraries; later calls return at once.
   *
   * @param folder where to unpack them
   */
  public static void load(Path folder) {
    synchronized (LOCK) {
      if (loaded) {
        return;
      }
      prepareMemory();
      setProperties(folder);
      try {
        UnpackedLibraries unpacked = new UnpackedLibraries(folder, variant(folder));
        unpacked.unpack();
        unpacked.load();
        Mkl.useLibgomp(unpacked.mkl());
      } catch (IOException e) {
        throw new UncheckedIOException("the native libraries cannot be unpacked", e);
      }
      loaded = true;
    }
  }

  private static void prepareMemory() {
    Libc.setEnvironment("THP_MEM_ALLOC_ENABLE", "1");
    Libc.keepLargeBlocks();
  }

  private static void setProperties(Path folder) {
    // Scopes free native objects; JavaCPP's garbage collection thread would only cost time.
    System.setProperty("org.bytedeco.javacpp.nopointergc", "true");
    // JavaCPP's limits count the memory of the whole process and would fail a training that fits.
    System.setProperty("org.bytedeco.javacpp.maxbytes", "0");
    System.setProperty("org.bytedeco.javacpp.maxphysicalbytes", "0");
    // Its classes find their libraries loaded.
    System.setProperty("org.bytedeco.javacpp.loadlibraries", "false");
    System.setProperty(FOLDER, folder.toString());
  }

  /**
   * "-gpu" in a program that was built with the profile gpu, or whose folder is of one; else "".
   */
  private static String variant(Path folder) throws IOException {
    boolean unpacked = UnpackedLibraries.has(folder, GPU) && !isPacked("");
    return isPacked(GPU) || unpacked ? GPU : "";
  }

  private static boolean isPacked(String variant) {
    String folder = "/org/bytedeco/pytorch/" + Loader.getPlatform() + variant;
    return NativeLibraries.class.getResource(folder + "/libtorch_cpu.so") != null;
  }
}
