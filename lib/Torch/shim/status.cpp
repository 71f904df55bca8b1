#include "shim.h"

#include <c10/util/Exception.h>

#include <cstring>
#include <initializer_list>
#include <new>
#include <string>

namespace {

thread_local std::string last_error;

bool mentions(const std::string& message, std::initializer_list<const char*> phrases) {
    for (const char* phrase : phrases) {
        if (message.find(phrase) != std::string::npos) return true;
    }
    return false;
}

// libtorch raises one type for most errors; only the wording tells a wrong shape from the rest. A GPU's allocator that
// runs out asks NVML who holds the memory, and fails with its answer where that does not know (parts of a GPU, containers).
Status classify(const std::string& message) {
    if (mentions(message,
                 {"can't allocate memory", "not enough memory", "out of memory", "ALLOC_FAILED", "NVML_SUCCESS"})) {
        return Status::OutOfMemory;
    }
    if (mentions(message, {"out of range", "out of bounds", "index out of"})) return Status::Index;
    if (mentions(message, {"shape", "size", "Size", "dimension", "dim "})) return Status::Shape;
    return Status::Other;
}

int32_t record(Status status, const std::string& message) {
    last_error = message.substr(0, message.find('\n'));
    return static_cast<int32_t>(status);
}

}  // namespace

int32_t record_exception() noexcept {
    try {
        throw;
    } catch (const c10::IndexError& error) {
        return record(Status::Index, error.what_without_backtrace());
    } catch (const c10::OutOfMemoryError& error) {  // a GPU's; a CPU's is a plain error
        return record(Status::OutOfMemory, error.what_without_backtrace());
    } catch (const c10::Error& error) {
        const std::string message = error.what_without_backtrace();
        return record(classify(message), message);
    } catch (const std::bad_alloc& error) {
        return record(Status::OutOfMemory, error.what());
    } catch (const std::exception& error) {
        return record(classify(error.what()), error.what());
    } catch (...) {
        return record(Status::Other, "an exception of unknown type");
    }
}

// Copies the calling thread's last message, UTF-8 with a final NUL, cut to capacity bytes.
LT_EXPORT lt_last_error(char* buffer, int32_t capacity) {
    return guarded([&] {
        const size_t count = std::min(last_error.size(), static_cast<size_t>(capacity) - 1);
        std::memcpy(buffer, last_error.data(), count);
        buffer[count] = '\0';
    });
}
