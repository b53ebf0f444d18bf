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
 * Loads libtorch once per process. What must be said before the first library is loaded (JavaCPP's
 * properties, malloc's settings) is said here, so nothing else may touch a JavaCPP class first.
 */
public final class NativeLibraries {
  private static final Object LOCK = new Object();
  private static boolean loaded;

  private NativeLibraries() {}

  /**
   * Loads everything; later calls return at once.
   *
   * @param cacheDir where to unpack; null: the usual folder, or one in the data folder
   */
  public static void load(@Nullable Path cacheDir, Path dataDir) {
    synchronized (LOCK) {
      if (loaded) {
        return;
      }
      prepareMemory();
      setProperties(cacheFolder(cacheDir, dataDir));
      try {
        UnpackedLibraries unpacked = new UnpackedLibraries(Loader.getCacheDir().toPath());
        if (unpacked.load()) {
          useLibgomp();
        } else {
          loadAll();
          unpacked.remember();
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

  /** Two OpenMP runtimes would each keep a pool of threads: MKL has to use libgomp's. */
  private static void useLibgomp() {
    mkl_rt.MKL_Set_Threading_Layer(mkl_rt.MKL_THREADING_GNU);
  }

  private static void prepareMemory() {
    Libc.setEnvironment("THP_MEM_ALLOC_ENABLE", "1");
    Libc.keepLargeBlocks();
  }

  private static void setProperties(@Nullable Path cacheFolder) {
    // Scopes free what they opened; a collector's thread that frees too only costs time.
    System.setProperty("org.bytedeco.javacpp.nopointergc", "true");
    // JavaCPP's own ceilings count the whole process and would fail a training that fits.
    System.setProperty("org.bytedeco.javacpp.maxbytes", "0");
    System.setProperty("org.bytedeco.javacpp.maxphysicalbytes", "0");
    System.setProperty("org.bytedeco.openblas.load", "mkl_rt");
    if (cacheFolder != null) {
      System.setProperty("org.bytedeco.javacpp.cachedir", cacheFolder.toString());
    }
  }

  /** Null leaves JavaCPP its own folder. */
  private static @Nullable Path cacheFolder(@Nullable Path chosen, Path dataDir) {
    if (chosen != null) {
      return chosen.toAbsolutePath();
    }
    if (System.getProperty("org.bytedeco.javacpp.cachedir") != null) {
      return null;
    }
    Path usual = Path.of(System.getProperty("user.home", "."), ".javacpp", "cache");
    return isWritable(usual) ? null : dataDir.resolve("natives").toAbsolutePath();
  }

  /** Asks by writing: permissions say nothing to root, nor of a read-only file system. */
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
   * JavaCPP unpacks each library just before it loads it. Where a system libtorch is installed, the
   * one that is not unpacked yet is found there instead and the process dies; so unpack them first.
   */
  private static void extractLibtorch() throws IOException {
    for (String library : new String[] {"libtorch_cpu.so", "libc10.so", "libtorch.so"}) {
      String resource = "/org/bytedeco/pytorch/" + Loader.getPlatform() + "/" + library;
      if (Loader.cacheResource(torch.class, resource) == null) {
        throw new IllegalStateException("the program does not contain " + resource);
      }
    }
  }
}
