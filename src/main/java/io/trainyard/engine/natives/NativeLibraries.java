package io.trainyard.engine.natives;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.mkl.global.mkl_rt;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * Loads libtorch once per process. JavaCPP's properties and malloc's settings must be set before
 * the first library is loaded, so no other code may use a JavaCPP class earlier.
 */
public final class NativeLibraries {
  /** JavaCPP's property. */
  private static final String FOLDER = "org.bytedeco.javacpp.cachedir";

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
        UnpackedLibraries unpacked = new UnpackedLibraries(Loader.getCacheDir().toPath());
        if (unpacked.load()) {
          useLibgomp();
        } else {
          loadAll();
          unpacked.write();
        }
      } catch (IOException e) {
        throw new UncheckedIOException("the native libraries cannot be unpacked", e);
      }
      loaded = true;
    }
  }

  private static void loadAll() throws IOException {
    Loader.load(mkl_rt.class);
    useLibgomp();
    extractLibtorch();
    Loader.load(torch.class);
  }

  /** Makes MKL use libgomp: two OpenMP runtimes would have two thread pools. */
  private static void useLibgomp() {
    mkl_rt.MKL_Set_Threading_Layer(mkl_rt.MKL_THREADING_GNU);
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
    System.setProperty("org.bytedeco.openblas.load", "mkl_rt");
    System.setProperty(FOLDER, folder.toString());
  }

  /**
   * Unpacks libtorch before loading it. JavaCPP unpacks each library just before it loads it; where
   * a system libtorch is installed, the linker finds a library that isn't unpacked yet there, and
   * the process crashes.
   */
  private static void extractLibtorch() throws IOException {
    for (String library : new String[] {"libtorch_cpu.so", "libc10.so", "libtorch.so"}) {
      String resource = resource(Loader.getPlatform() + variant(), library);
      if (Loader.cacheResource(torch.class, resource) == null) {
        throw new IllegalStateException("the program doesn't contain " + resource);
      }
    }
    for (String library : new String[] {"libc10_cuda.so", "libtorch_cuda.so"}) {
      if (!variant().isEmpty()) {
        Loader.cacheResource(torch.class, resource(Loader.getPlatform() + variant(), library));
      }
    }
  }

  /** "-gpu" in a program that was built with the profile gpu, else "". */
  static String variant() {
    String gpu = resource(Loader.getPlatform() + "-gpu", "libtorch_cpu.so");
    return torch.class.getResource(gpu) == null ? "" : "-gpu";
  }

  private static String resource(String folder, String library) {
    return "/org/bytedeco/pytorch/" + folder + "/" + library;
  }
}
