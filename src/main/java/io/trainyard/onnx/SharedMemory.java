package io.trainyard.onnx;

import java.lang.foreign.AddressLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;

/**
 * The memory that all sessions of this process share, with a limit: a file of a few bytes can ask
 * for terabytes. ONNX Runtime's Java classes cannot set one, so this calls its C functions. They
 * lie in a table whose order never changes. Source: onnxruntime_c_api.h, struct OrtApi.
 */
final class SharedMemory {
  /** The version of the table that has all functions called here. */
  private static final int TABLE_VERSION = 8;

  private static final int GET_ERROR_MESSAGE = 2;
  private static final int CREATE_ENV = 3;
  private static final int CREATE_CPU_MEMORY_INFO = 69;
  private static final int CREATE_AND_REGISTER_ALLOCATOR = 144;
  private static final int CREATE_ARENA_CFG_V2 = 164;

  private static final int FATAL = 4;
  private static final int ARENA_ALLOCATOR = 1;
  private static final int DEFAULT_MEMORY = 0;

  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
  private static final AddressLayout ADDRESS = ValueLayout.ADDRESS;

  private final Linker linker = Linker.nativeLinker();
  private final MemorySegment table;

  private SharedMemory(Path library) throws Throwable {
    MemorySegment base =
        call(
            SymbolLookup.libraryLookup(library, Arena.global()).find("OrtGetApiBase").orElseThrow(),
            FunctionDescriptor.of(ADDRESS));
    MemorySegment getApi = base.reinterpret(ADDRESS.byteSize()).get(ADDRESS, 0);
    table =
        call(getApi, FunctionDescriptor.of(ADDRESS, INT), TABLE_VERSION)
            .reinterpret((CREATE_ARENA_CFG_V2 + 1) * ADDRESS.byteSize());
  }

  /**
   * Sets the limit of the sessions that are made after it with {@code session.use_env_allocators}.
   *
   * @param library the loaded libonnxruntime.so
   */
  static void limit(Path library, long bytes) {
    try (Arena arena = Arena.ofConfined()) {
      new SharedMemory(library).register(bytes, arena);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException("ONNX Runtime's memory cannot be limited", e);
    }
  }

  private void register(long bytes, Arena arena) throws Throwable {
    // There is one environment in a process: this is that of the Java classes.
    MemorySegment environment = arena.allocate(ADDRESS);
    check(
        CREATE_ENV,
        FunctionDescriptor.of(ADDRESS, INT, ADDRESS, ADDRESS),
        FATAL,
        arena.allocateFrom("trainyard"),
        environment);
    MemorySegment memory = arena.allocate(ADDRESS);
    check(
        CREATE_CPU_MEMORY_INFO,
        FunctionDescriptor.of(ADDRESS, INT, INT, ADDRESS),
        ARENA_ALLOCATOR,
        DEFAULT_MEMORY,
        memory);
    MemorySegment keys = arena.allocate(MemoryLayout.sequenceLayout(2, ADDRESS));
    keys.setAtIndex(ADDRESS, 0, arena.allocateFrom("max_mem"));
    keys.setAtIndex(ADDRESS, 1, arena.allocateFrom("arena_extend_strategy"));
    MemorySegment values = arena.allocateFrom(LONG, bytes, /* same as requested */ 1);
    MemorySegment settings = arena.allocate(ADDRESS);
    check(
        CREATE_ARENA_CFG_V2,
        FunctionDescriptor.of(ADDRESS, ADDRESS, ADDRESS, LONG, ADDRESS),
        keys,
        values,
        2L,
        settings);
    check(
        CREATE_AND_REGISTER_ALLOCATOR,
        FunctionDescriptor.of(ADDRESS, ADDRESS, ADDRESS, ADDRESS),
        environment.get(ADDRESS, 0),
        memory.get(ADDRESS, 0),
        settings.get(ADDRESS, 0));
  }

  /** Calls a function that returns a status, which is null when all is well. */
  private void check(int function, FunctionDescriptor type, Object... arguments) throws Throwable {
    MemorySegment status = call(table.getAtIndex(ADDRESS, function), type, arguments);
    if (status.address() != 0) {
      MemorySegment message =
          call(
              table.getAtIndex(ADDRESS, GET_ERROR_MESSAGE),
              FunctionDescriptor.of(ADDRESS, ADDRESS),
              status);
      throw new IllegalStateException(
          "ONNX Runtime: " + message.reinterpret(Integer.MAX_VALUE).getString(0));
    }
  }

  private MemorySegment call(MemorySegment function, FunctionDescriptor type, Object... arguments)
      throws Throwable {
    MethodHandle handle = linker.downcallHandle(function, type);
    return (MemorySegment) handle.invokeWithArguments(arguments);
  }
}
