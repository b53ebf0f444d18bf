package io.trainyard.onnx;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions.OptLevel;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
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

  private final Path folder;
  private volatile boolean unpacked;

  /**
   * @param natives the folder in which native libraries are unpacked
   */
  public OnnxRuntime(Path natives) {
    String version = String.valueOf(OrtSession.class.getPackage().getImplementationVersion());
    folder = natives.resolve("onnxruntime-" + version).toAbsolutePath();
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
   * @throws OrtException why ONNX Runtime refuses it
   */
  OrtSession session(byte[] file, Trust trust) throws OrtException {
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setIntraOpNumThreads(1);
      options.setInterOpNumThreads(1);
      options.addConfigEntry("session.intra_op.allow_spinning", "0");
      options.addConfigEntry("session.inter_op.allow_spinning", "0");
      options.addConfigEntry("session.load_model_format", "ONNX");
      // An arena would keep the memory of the largest batch.
      options.setCPUArenaAllocator(false);
      options.setMemoryPatternOptimization(false);
      options.setOptimizationLevel(OptLevel.EXTENDED_OPT);
      options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL);
      if (trust == Trust.FOREIGN) {
        // A constant of terabytes can be written in some bytes.
        options.addConfigEntry("optimization.disable_specified_optimizers", "ConstantFolding");
      }
      return environment().createSession(file, options);
    }
  }

  OrtEnvironment environment() {
    if (!unpacked) {
      unpack();
    }
    return OrtEnvironment.getEnvironment(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL, "trainyard");
  }

  /** Once for each version; ONNX Runtime would unpack a copy for each process. */
  private synchronized void unpack() {
    if (unpacked || System.getProperty(FOLDER) != null) {
      unpacked = true;
      return;
    }
    try {
      Files.createDirectories(folder);
      for (String library : LIBRARIES) {
        unpack(library);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("ONNX Runtime's libraries cannot be unpacked", e);
    }
    System.setProperty(FOLDER, folder.toString());
    unpacked = true;
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
