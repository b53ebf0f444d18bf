package io.trainyard.onnx;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions.OptLevel;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;

/**
 * ONNX Runtime in this process. Its native libraries are loaded by the first use. A session
 * computes on the thread that calls it, and on no other.
 */
public final class OnnxRuntime {
  /** ONNX Runtime's property for the folder of its native libraries. */
  private static final String FOLDER = "onnxruntime.native.path";

  private static final String RESOURCES = "/ai/onnxruntime/native/linux-x64/";
  private static final List<String> LIBRARIES =
      List.of("libonnxruntime.so", "libonnxruntime4j_jni.so");

  private static final Object LOCK = new Object();
  private static boolean prepared;

  private final Path folder;
  private final long mostBytes;
  private final RunWatch watch = new RunWatch("onnx-watch");
  private volatile boolean ready;

  /**
   * @param natives the folder in which native libraries are unpacked
   * @param mostBytes for the weights and values of all sessions together
   */
  public OnnxRuntime(Path natives, long mostBytes) {
    this.mostBytes = mostBytes;
    folder = natives.resolve("onnxruntime-" + version()).toAbsolutePath();
  }

  /** The version of ONNX Runtime. */
  static String version() {
    return String.valueOf(OrtSession.class.getPackage().getImplementationVersion());
  }

  /** How a session treats the file that it reads. */
  enum Trust {
    /** This service wrote it. */
    OWN,
    /** A caller sent it: nothing in it is computed while it is loaded. */
    FOREIGN
  }

  /**
   * Reads a file into memory.
   *
   * @param file in direct memory
   * @throws OrtException why ONNX Runtime refuses it
   */
  OrtSession session(ByteBuffer file, Trust trust) throws OrtException {
    // First: a class of ONNX Runtime that is used earlier loads another copy of the libraries.
    OrtEnvironment environment = environment();
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setIntraOpNumThreads(1);
      options.setInterOpNumThreads(1);
      options.addConfigEntry("session.intra_op.allow_spinning", "0");
      options.addConfigEntry("session.inter_op.allow_spinning", "0");
      options.addConfigEntry("session.load_model_format", "ONNX");
      // Weights and values come from the memory that has a limit.
      options.addConfigEntry("session.use_env_allocators", "1");
      options.setMemoryPatternOptimization(false);
      options.setOptimizationLevel(OptLevel.EXTENDED_OPT);
      options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL);
      if (trust == Trust.FOREIGN) {
        // A constant of terabytes can be written in some bytes.
        options.addConfigEntry("optimization.disable_specified_optimizers", "ConstantFolding");
      }
      return environment.createSession(file, options);
    }
  }

  /** Stops runs whose result nobody waits for. */
  RunWatch watch() {
    return watch;
  }

  OrtEnvironment environment() {
    if (!ready) {
      prepare();
    }
    return OrtEnvironment.getEnvironment(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL, "trainyard");
  }

  /**
   * Once for each process. The libraries are unpacked once for each version: ONNX Runtime would
   * unpack a copy for each process. Its memory belongs to the process, as its environment does.
   */
  private void prepare() {
    synchronized (LOCK) {
      if (!prepared) {
        if (System.getProperty(FOLDER) == null) {
          unpack();
          System.setProperty(FOLDER, folder.toString());
        }
        var _ = OrtEnvironment.getEnvironment(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL, "trainyard");
        SharedMemory.limit(Path.of(System.getProperty(FOLDER), LIBRARIES.getFirst()), mostBytes);
        prepared = true;
      }
      ready = true;
    }
  }

  /** Loads the libraries, which the first use would do. */
  public void load() {
    var _ = environment();
  }

  /** Unpacks the libraries, unless they are there. */
  public void unpack() {
    try {
      Files.createDirectories(folder);
      for (String library : LIBRARIES) {
        unpack(library);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("ONNX Runtime's libraries cannot be unpacked", e);
    }
  }

  private void unpack(String library) throws IOException {
    Path file = folder.resolve(library);
    if (Files.exists(file)) {
      return;
    }
    Path part = Files.createTempFile(folder, library, ".part");
    try (InputStream in = OrtSession.class.getResourceAsStream(RESOURCES + library)) {
      if (in == null) {
        throw new IOException(RESOURCES + library + " is missing");
      }
      Files.copy(in, part, StandardCopyOption.REPLACE_EXISTING);
      Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(part);
    }
  }
}
