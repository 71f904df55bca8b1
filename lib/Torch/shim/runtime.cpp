#include "shim.h"

#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <ATen/Version.h>
#include <c10/core/CPUAllocator.h>
#include <c10/core/impl/alloc_cpu.h>
#include <torch/version.h>

#include <atomic>
#include <cstring>
#include <string>

namespace {

std::atomic<int64_t> native_bytes{0};
std::atomic<int64_t> peak_bytes{0};

// The size stands in front of the data, in a block of one cache line so that the data stays aligned.
constexpr size_t header = 64;

void release(void* data) {
    if (!data) return;
    char* block = static_cast<char*>(data) - header;
    int64_t size;
    std::memcpy(&size, block, sizeof(size));
    native_bytes.fetch_sub(size, std::memory_order_relaxed);
    c10::free_cpu(block);
}

class CountingAllocator final : public c10::Allocator {
    // Some versions call the one, some the other, and some ask how to copy.
    c10::DataPtr allocate(size_t bytes) { return take(bytes); }
    c10::DataPtr allocate(size_t bytes) const { return take(bytes); }
    void copy_data(void* target, const void* source, size_t bytes) const { std::memcpy(target, source, bytes); }
    c10::DeleterFnPtr raw_deleter() const override { return &release; }

    static c10::DataPtr take(size_t bytes) {
        const c10::Device cpu(c10::DeviceType::CPU);
        if (bytes == 0) return {nullptr, nullptr, &release, cpu};
        char* block = static_cast<char*>(c10::alloc_cpu(bytes + header));
        const auto size = static_cast<int64_t>(bytes);
        std::memcpy(block, &size, sizeof(size));
        const int64_t now = native_bytes.fetch_add(size, std::memory_order_relaxed) + size;
        int64_t peak = peak_bytes.load(std::memory_order_relaxed);
        while (now > peak && !peak_bytes.compare_exchange_weak(peak, now, std::memory_order_relaxed)) {}
        void* data = block + header;
        return {data, data, &release, cpu};
    }
};

CountingAllocator counting_allocator;

int32_t copy_text(const std::string& text, char* buffer, int32_t capacity) {
    return guarded([&] {
        const size_t count = std::min(text.size(), static_cast<size_t>(capacity) - 1);
        std::memcpy(buffer, text.data(), count);
        buffer[count] = '\0';
    });
}

}  // namespace

// Called once, before the first tensor exists.
LT_EXPORT lt_start() {
    return guarded([&] { c10::SetCPUAllocator(&counting_allocator, /*priority=*/100); });
}

LT_EXPORT lt_native_bytes(int64_t* now, int64_t* peak) {
    return guarded([&] {
        *now = native_bytes.load(std::memory_order_relaxed);
        *peak = peak_bytes.load(std::memory_order_relaxed);
    });
}

LT_EXPORT lt_reset_peak_bytes() {
    return guarded([&] { peak_bytes.store(native_bytes.load(std::memory_order_relaxed)); });
}

LT_EXPORT lt_version(char* buffer, int32_t capacity) { return copy_text(TORCH_VERSION, buffer, capacity); }

LT_EXPORT lt_build_information(char* buffer, int32_t capacity) {
    return copy_text(at::show_config() + at::get_parallel_info(), buffer, capacity);
}

LT_EXPORT lt_get_num_threads(int32_t* threads) {
    return guarded([&] { *threads = at::get_num_threads(); });
}

LT_EXPORT lt_set_num_threads(int32_t threads) {
    return guarded([&] { at::set_num_threads(threads); });
}

LT_EXPORT lt_manual_seed(int64_t seed) {
    return guarded([&] { at::manual_seed(static_cast<uint64_t>(seed)); });
}

LT_EXPORT lt_cuda_device_count(int32_t* count) {
    return guarded([&] { *count = static_cast<int32_t>(at::getNumGPUs()); });
}

LT_EXPORT lt_get_allow_tf32(int32_t* yes) {
    return guarded([&] { *yes = at::globalContext().allowTF32CuBLAS(); });
}

LT_EXPORT lt_set_allow_tf32(int32_t yes) {
    return guarded([&] { at::globalContext().setAllowTF32CuBLAS(yes != 0); });
}
